# where a window begins and ends

== a record belongs to [start, end)
: 10ms -a n=count
< {"ts":0,"key":"a","payload":{}}
< {"ts":9,"key":"a","payload":{}}
< {"ts":10,"key":"a","payload":{}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":2}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":10,"end":20},"payload":{"n":1}}

== negative times fall into the window below
: 10ms -a n=count
< {"ts":-1,"key":"a","payload":{}}
< {"ts":-10,"key":"a","payload":{}}
< {"ts":-11,"key":"a","payload":{}}
< {"ts":0,"key":"a","payload":{}}
< {"mark":"watermark","ts":-10}
> {"topic":"window","partition":0,"offset":0,"ts":-11,"key":"a","window":{"start":-20,"end":-10},"payload":{"n":1}}
< {"mark":"watermark","ts":0}
> {"topic":"window","partition":0,"offset":1,"ts":-1,"key":"a","window":{"start":-10,"end":0},"payload":{"n":2}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":1}}

== a positive offset moves all windows up
: 10ms --offset 3ms -a n=count
< {"ts":2,"key":"a","payload":{}}
< {"ts":3,"key":"a","payload":{}}
< {"ts":12,"key":"a","payload":{}}
< {"ts":13,"key":"a","payload":{}}
< {"ts":-7,"key":"a","payload":{}}
< {"ts":-8,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":-8,"key":"a","window":{"start":-17,"end":-7},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":2,"key":"a","window":{"start":-7,"end":3},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":2,"ts":12,"key":"a","window":{"start":3,"end":13},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":3,"ts":22,"key":"a","window":{"start":13,"end":23},"payload":{"n":1}}

== a negative offset moves them down
: 10ms --offset -3ms -a n=count
< {"ts":6,"key":"a","payload":{}}
< {"ts":7,"key":"a","payload":{}}
< {"ts":-3,"key":"a","payload":{}}
< {"ts":-4,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":-4,"key":"a","window":{"start":-13,"end":-3},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":6,"key":"a","window":{"start":-3,"end":7},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":2,"ts":16,"key":"a","window":{"start":7,"end":17},"payload":{"n":1}}

== an offset larger than the size, of either sign, counts by what is left of it
: 10ms --offset 103ms -a n=count
< {"ts":2,"key":"a","payload":{}}
< {"ts":3,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":2,"key":"a","window":{"start":-7,"end":3},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":12,"key":"a","window":{"start":3,"end":13},"payload":{"n":1}}

== and a negative one
: 10ms --offset -1003ms -a n=count
< {"ts":6,"key":"a","payload":{}}
< {"ts":7,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":6,"key":"a","window":{"start":-3,"end":7},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":16,"key":"a","window":{"start":7,"end":17},"payload":{"n":1}}

== days of a place five hours west
: 1d --offset 5h -a n=count
< {"ts":1357016399999,"key":"UA","payload":{}}
< {"ts":1357016400000,"key":"UA","payload":{}}
< {"ts":1357102799999,"key":"UA","payload":{}}
< {"mark":"watermark","ts":1357016400000}
> {"topic":"window","partition":0,"offset":0,"ts":1357016399999,"key":"UA","window":{"start":1356930000000,"end":1357016400000},"payload":{"n":1}}
< {"mark":"watermark","ts":1357102799999}
< {"mark":"watermark","ts":1357102800000}
> {"topic":"window","partition":0,"offset":1,"ts":1357102799999,"key":"UA","window":{"start":1357016400000,"end":1357102800000},"payload":{"n":2}}

== a window of one millisecond
: 1ms -a n=count
< {"ts":0,"key":"a","payload":{}}
< {"ts":1,"key":"a","payload":{}}
< {"ts":-1,"key":"a","payload":{}}
< {"ts":0,"key":"a","payload":{}}
< {"mark":"watermark","ts":1}
> {"topic":"window","partition":0,"offset":0,"ts":-1,"key":"a","window":{"start":-1,"end":0},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":0,"key":"a","window":{"start":0,"end":1},"payload":{"n":2}}
< {"mark":"watermark","ts":2}
> {"topic":"window","partition":0,"offset":2,"ts":1,"key":"a","window":{"start":1,"end":2},"payload":{"n":1}}

== the first moment there is
: 10ms -a n=count
< {"ts":-9223372036854775808,"key":"a","payload":{}}
< {"ts":-9223372036854775801,"key":"a","payload":{}}
< {"ts":-9223372036854775800,"key":"a","payload":{}}
< {"mark":"watermark","ts":-9223372036854775800}
> {"topic":"window","partition":0,"offset":0,"ts":-9223372036854775801,"key":"a","window":{"start":-9223372036854775808,"end":-9223372036854775800},"payload":{"n":2}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":1,"ts":-9223372036854775791,"key":"a","window":{"start":-9223372036854775800,"end":-9223372036854775790},"payload":{"n":1}}

== the last moment there is
: 10ms -a n=count
< {"ts":9223372036854775807,"key":"a","payload":{}}
< {"ts":9223372036854775800,"key":"a","payload":{}}
< {"ts":9223372036854775799,"key":"a","payload":{}}
< {"mark":"watermark","ts":9223372036854775800}
> {"topic":"window","partition":0,"offset":0,"ts":9223372036854775799,"key":"a","window":{"start":9223372036854775790,"end":9223372036854775800},"payload":{"n":1}}
< {"mark":"watermark","ts":9223372036854775806}
< {"ts":9223372036854775807,"key":"b","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":1,"ts":9223372036854775806,"key":"a","window":{"start":9223372036854775800,"end":9223372036854775807},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":2,"ts":9223372036854775806,"key":"b","window":{"start":9223372036854775800,"end":9223372036854775807},"payload":{"n":1}}
< {"ts":9223372036854775807,"key":"c","payload":{}}
! late 0ms

== both ends with an offset
: 1000000d --offset -7ms -a n=count
< {"ts":-9223372036854775808,"key":"a","payload":{}}
< {"ts":9223372036854775807,"key":"a","payload":{}}
< {"mark":"watermark","ts":9223372036854775806}
> {"topic":"window","partition":0,"offset":0,"ts":-9223286400000000008,"key":"a","window":{"start":-9223372036854775808,"end":-9223286400000000007},"payload":{"n":1}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":1,"ts":9223372036854775806,"key":"a","window":{"start":9223286399999999993,"end":9223372036854775807},"payload":{"n":1}}

== lateness saturates too
: 10ms --allowed-lateness 100000000d -a n=count
< {"ts":9223372036854775000,"key":"a","payload":{}}
< {"mark":"watermark","ts":9223372036854775801}
> {"topic":"window","partition":0,"offset":0,"ts":9223372036854775009,"key":"a","window":{"start":9223372036854775000,"end":9223372036854775010},"pane":"final","payload":{"n":1}}
< {"ts":9223372036854775000,"key":"a","payload":{}}
> {"topic":"window","partition":0,"offset":1,"ts":9223372036854775009,"key":"a","window":{"start":9223372036854775000,"end":9223372036854775010},"pane":"late","payload":{"n":2}}
< {"mark":"watermark","ts":"max"}
< {"ts":9223372036854775000,"key":"a","payload":{}}
! late 797ms

== a size larger than all of time
: 100000000000d -a n=count
< {"ts":-1,"key":"a","payload":{}}
< {"ts":1,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":-1,"key":"a","window":{"start":-8640000000000000000,"end":0},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":8639999999999999999,"key":"a","window":{"start":0,"end":8640000000000000000},"payload":{"n":1}}

== from noon, the time a path in a bare line
: 1d --offset 12h --time .at --key .who -a n=count -a last='max(.at)'
< {"at":"1970-01-01T11:59:59.999Z","who":"a"}
< {"at":"1970-01-01T12:00:00Z","who":"a"}
< {"at":"1970-01-02T16:59:59.999+05:00","who":"b"}
< {"at":"1970-01-02T12:00:00Z","who":"b"}
< {"mark":"watermark","ts":43200000}
> {"topic":"window","partition":0,"offset":0,"ts":43199999,"key":"a","window":{"start":-43200000,"end":43200000},"payload":{"n":1,"last":"1970-01-01T11:59:59.999Z"}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":1,"ts":129599999,"key":"a","window":{"start":43200000,"end":129600000},"payload":{"n":1,"last":"1970-01-01T12:00:00Z"}}
> {"topic":"window","partition":0,"offset":2,"ts":129599999,"key":"b","window":{"start":43200000,"end":129600000},"payload":{"n":1,"last":"1970-01-02T16:59:59.999+05:00"}}
> {"topic":"window","partition":0,"offset":3,"ts":215999999,"key":"b","window":{"start":129600000,"end":216000000},"payload":{"n":1,"last":"1970-01-02T12:00:00Z"}}

# the order of results, and which there are

== by end, then by the key's first appearance in that window
: 10ms -a n=count
< {"ts":15,"key":"b","payload":{}}
< {"ts":5,"key":"c","payload":{}}
< {"ts":6,"key":"a","payload":{}}
< {"ts":16,"key":"a","payload":{}}
< {"ts":7,"key":"b","payload":{}}
< {"ts":8,"key":"c","payload":{}}
< {"ts":17,"key":"c","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"c","window":{"start":0,"end":10},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":3,"ts":19,"key":"b","window":{"start":10,"end":20},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":4,"ts":19,"key":"a","window":{"start":10,"end":20},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":5,"ts":19,"key":"c","window":{"start":10,"end":20},"payload":{"n":1}}

== first appearance is by window, not by stream
: 10ms -a n=count
< {"ts":1,"key":"x","payload":{}}
< {"ts":2,"key":"y","payload":{}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"x","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"y","window":{"start":0,"end":10},"payload":{"n":1}}
< {"ts":11,"key":"y","payload":{}}
< {"ts":12,"key":"x","payload":{}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":2,"ts":19,"key":"y","window":{"start":10,"end":20},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":3,"ts":19,"key":"x","window":{"start":10,"end":20},"payload":{"n":1}}

== windows that nothing fell into never come out, however many
: 1ms -a n=count
< {"ts":0,"key":"a","payload":{}}
< {"mark":"watermark","ts":1}
> {"topic":"window","partition":0,"offset":0,"ts":0,"key":"a","window":{"start":0,"end":1},"payload":{"n":1}}
< {"mark":"watermark","ts":9000000000000000000}
< {"ts":9000000000000000000,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":1,"ts":9000000000000000000,"key":"a","window":{"start":9000000000000000000,"end":9000000000000000001},"payload":{"n":1}}

== a jump over a million empty ones with some between
: 1s -a n=count
< {"ts":0,"key":"a","payload":{}}
< {"ts":500000000000,"key":"a","payload":{}}
< {"ts":1000000000000,"key":"b","payload":{}}
< {"ts":999999999999,"key":"b","payload":{}}
< {"mark":"watermark","ts":1000000001000}
> {"topic":"window","partition":0,"offset":0,"ts":999,"key":"a","window":{"start":0,"end":1000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":500000000999,"key":"a","window":{"start":500000000000,"end":500000001000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":999999999999,"key":"b","window":{"start":999999999000,"end":1000000000000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":3,"ts":1000000000999,"key":"b","window":{"start":1000000000000,"end":1000000001000},"payload":{"n":1}}

== a lower or equal watermark is nothing
: 10ms -a n=count
< {"ts":5,"key":"a","payload":{}}
< {"mark":"watermark","ts":9}
< {"mark":"watermark","ts":3}
< {"mark":"watermark","ts":9}
< {"ts":6,"key":"a","payload":{}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":2}}
< {"mark":"watermark","ts":10}
< {"mark":"watermark","ts":5}
< {"ts":7,"key":"a","payload":{}}
! late 0ms
< {"ts":12,"key":"a","payload":{}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":10,"end":20},"payload":{"n":1}}

== no records, no results
: 10ms -a n=count
< {"mark":"watermark","ts":5}
< {"mark":"watermark","ts":1000}
< {"mark":"watermark","ts":"max"}

== the watermark before the first record
: 10ms -a n=count
< {"mark":"watermark","ts":100}
< {"ts":105,"key":"a","payload":{}}
< {"ts":99,"key":"a","payload":{}}
! late 0ms
< {"ts":100,"key":"b","payload":{}}
< {"mark":"watermark","ts":110}
> {"topic":"window","partition":0,"offset":0,"ts":109,"key":"a","window":{"start":100,"end":110},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":109,"key":"b","window":{"start":100,"end":110},"payload":{"n":1}}

== many windows open at once, filled backwards
: 10ms -a n=count
< {"ts":75,"key":"a","payload":{}}
< {"ts":65,"key":"a","payload":{}}
< {"ts":55,"key":"b","payload":{}}
< {"ts":45,"key":"a","payload":{}}
< {"ts":35,"key":"a","payload":{}}
< {"ts":25,"key":"a","payload":{}}
< {"ts":15,"key":"a","payload":{}}
< {"ts":5,"key":"a","payload":{}}
< {"ts":55,"key":"a","payload":{}}
< {"mark":"watermark","ts":45}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":10,"end":20},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":29,"key":"a","window":{"start":20,"end":30},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":3,"ts":39,"key":"a","window":{"start":30,"end":40},"payload":{"n":1}}
< {"mark":"watermark","ts":60}
> {"topic":"window","partition":0,"offset":4,"ts":49,"key":"a","window":{"start":40,"end":50},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":5,"ts":59,"key":"b","window":{"start":50,"end":60},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":6,"ts":59,"key":"a","window":{"start":50,"end":60},"payload":{"n":1}}
< {"mark":"watermark","ts":80}
> {"topic":"window","partition":0,"offset":7,"ts":69,"key":"a","window":{"start":60,"end":70},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":8,"ts":79,"key":"a","window":{"start":70,"end":80},"payload":{"n":1}}

== running numbers go on from result to result
: 10ms --name per-key
< {"ts":1,"key":"a","payload":{}}
< {"ts":1,"key":"b","payload":{}}
< {"mark":"watermark","ts":10}
> {"topic":"per-key","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"count":1}}
> {"topic":"per-key","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"count":1}}
< {"ts":11,"key":"a","payload":{}}
< {"mark":"watermark","ts":20}
> {"topic":"per-key","partition":0,"offset":2,"ts":19,"key":"a","window":{"start":10,"end":20},"payload":{"count":1}}
< {"ts":21,"key":"b","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"per-key","partition":0,"offset":3,"ts":29,"key":"b","window":{"start":20,"end":30},"payload":{"count":1}}

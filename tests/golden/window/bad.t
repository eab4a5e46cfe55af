# what is refused

== a value of the wrong type refuses the record for all aggregates
: 10ms -a n=count -a 's=sum(.v)' -a 'm=max(.w)'
< {"ts":1,"key":"a","payload":{"v":1,"w":1}}
< {"ts":2,"key":"a","payload":{"v":"2","w":2}}
! .v is not a number
< {"ts":3,"key":"a","payload":{"v":3,"w":true}}
! .w is neither a number nor a string
< {"ts":4,"key":"a","payload":{"v":4,"w":"x"}}
< {"ts":5,"key":"a","payload":{"v":[],"w":1}}
! .v is not a number
< {"ts":6,"key":"b","payload":{"v":{},"w":1}}
! .v is not a number
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":2,"s":5,"m":"x"}}

== bad is judged before late
: 10ms -a 's=sum(.v)'
< {"mark":"watermark","ts":100}
< {"ts":1,"key":"a","payload":{"v":"x"}}
! .v is not a number
< {"ts":1,"key":"a","payload":{"v":1}}
! late 90ms
< {"ts":100,"key":"a","payload":{"v":false}}
! .v is not a number
< {"mark":"watermark","ts":"max"}

== no event time
: 10ms -a n=count
< {"key":"a","payload":{}}
! no event time
< {"ts":1,"key":"a","payload":{}}
< {"key":"a","payload":{"ts":5}}
! no event time
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":1}}

== a retraction
: 10ms -a n=count
< {"topic":"w","partition":0,"offset":1,"ts":1,"key":"a","window":{"start":0,"end":2},"pane":"final","payload":{"n":3}}
< {"topic":"w","partition":0,"offset":2,"ts":1,"key":"a","window":{"start":0,"end":2},"pane":"retract","payload":{"n":3}}
! retraction: upstream must emit final
< {"topic":"w","partition":0,"offset":3,"ts":1,"key":"a","window":{"start":0,"end":2},"pane":"late","payload":{"n":4}}
< {"topic":"w","partition":0,"offset":4,"ts":1,"key":"a","payload":{"pane":"retract"}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":3}}

== a refused record makes neither window nor group
: 10ms -a 's=sum(.v)'
< {"ts":5,"key":"a","payload":{"v":"x"}}
! .v is not a number
< {"ts":15,"key":"a","payload":{"v":1}}
< {"ts":16,"key":"b","payload":{"v":"x"}}
! .v is not a number
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":19,"key":"a","window":{"start":10,"end":20},"payload":{"s":1}}

== many refused between many taken
: 10ms -a 's=sum(.v)'
< {"ts":1,"key":"a","payload":{"v":1}}
< {"ts":1,"key":"b","payload":{"v":"x"}}
! .v is not a number
< {"ts":1,"key":"c","payload":{"v":2}}
< {"ts":1,"key":"d","payload":{"v":"x"}}
! .v is not a number
< {"ts":1,"key":"a","payload":{"v":4}}
< {"ts":1,"key":"a","payload":{"v":"x"}}
! .v is not a number
< {"ts":1,"key":"a","payload":{"v":"x"}}
! .v is not a number
< {"ts":1,"key":"c","payload":{"v":8}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"s":5}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"c","window":{"start":0,"end":10},"payload":{"s":10}}
< {"ts":1,"key":"a","payload":{"v":"x"}}
! .v is not a number
< {"ts":1,"key":"a","payload":{"v":1}}
! late 0ms
< {"ts":11,"key":"e","payload":{"v":1}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":19,"key":"e","window":{"start":10,"end":20},"payload":{"s":1}}

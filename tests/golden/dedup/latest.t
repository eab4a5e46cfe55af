# the latest record of an id leaves when the id is forgotten

== at the end, by time; of a tie the later arrival
: --keep latest
< {"ts":5,"key":"a","payload":1}
< {"ts":9,"key":"b","payload":1}
< {"ts":5,"key":"a","payload":2}
+ {"ts":5,"key":"a","payload":1}
< {"ts":4,"key":"a","payload":3}
+ {"ts":4,"key":"a","payload":3}
< {"ts":5,"key":"c","payload":1}
< {"mark":"watermark","ts":6}
< {"ts":7,"key":"c","payload":2}
+ {"ts":5,"key":"c","payload":1}
< {"ts":5,"key":"c","payload":3}
! late 1ms
< {"mark":"watermark","ts":"max"}
> {"ts":5,"key":"a","payload":2}
> {"ts":7,"key":"c","payload":2}
> {"ts":9,"key":"b","payload":1}

== the horizon is counted from the first to arrive
: --keep latest --within 10ms
< {"ts":5,"key":"a","payload":1}
< {"ts":4,"key":"b","payload":1}
< {"ts":12,"key":"b","payload":2}
+ {"ts":4,"key":"b","payload":1}
< {"ts":14,"key":"a","payload":2}
+ {"ts":5,"key":"a","payload":1}
< {"mark":"watermark","ts":14}
> {"ts":12,"key":"b","payload":2}
< {"ts":14,"key":"b","payload":3}
< {"mark":"watermark","ts":15}
> {"ts":14,"key":"a","payload":2}
< {"ts":15,"key":"a","payload":3}
< {"mark":"watermark","ts":30}
> {"ts":14,"key":"b","payload":3}
> {"ts":15,"key":"a","payload":3}

== or from the newest: the id is silent for so long
: --keep latest --within 10ms --refresh
< {"ts":5,"key":"a","payload":1}
< {"ts":12,"key":"a","payload":2}
+ {"ts":5,"key":"a","payload":1}
< {"ts":7,"key":"a","payload":3}
+ {"ts":7,"key":"a","payload":3}
< {"mark":"watermark","ts":21}
< {"ts":21,"key":"a","payload":4}
+ {"ts":12,"key":"a","payload":2}
< {"mark":"watermark","ts":30}
< {"mark":"watermark","ts":31}
> {"ts":21,"key":"a","payload":4}

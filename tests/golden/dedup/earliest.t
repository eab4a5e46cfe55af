# the earliest record of an id leaves when no earlier one can come

== in the order of time, ties by arrival
: --keep earliest
< {"ts":5,"key":"a","payload":1}
< {"ts":7,"key":"b","payload":1}
< {"ts":3,"key":"c","payload":1}
< {"ts":5,"key":"d","payload":1}
< {"ts":4,"key":"b","payload":2}
+ {"ts":7,"key":"b","payload":1}
< {"ts":5,"key":"a","payload":2}
+ {"ts":5,"key":"a","payload":2}
< {"mark":"watermark","ts":5}
> {"ts":3,"key":"c","payload":1}
> {"ts":4,"key":"b","payload":2}
< {"ts":5,"key":"c","payload":2}
+ {"ts":5,"key":"c","payload":2}
< {"mark":"watermark","ts":6}
> {"ts":5,"key":"a","payload":1}
> {"ts":5,"key":"d","payload":1}
< {"ts":5,"key":"e","payload":1}
! late 1ms
< {"ts":900,"key":"f","payload":1}
< {"mark":"watermark","ts":"max"}
> {"ts":900,"key":"f","payload":1}

== the horizon is counted from the one that is kept
: --keep earliest --within 10ms
< {"ts":8,"key":"a","payload":1}
< {"ts":2,"key":"a","payload":2}
+ {"ts":8,"key":"a","payload":1}
< {"mark":"watermark","ts":11}
> {"ts":2,"key":"a","payload":2}
< {"ts":11,"key":"a","payload":3}
+ {"ts":11,"key":"a","payload":3}
< {"mark":"watermark","ts":12}
< {"ts":12,"key":"a","payload":4}
< {"mark":"watermark","ts":100}
> {"ts":12,"key":"a","payload":4}
< {"ts":100,"key":"a","payload":5}
< {"mark":"watermark","ts":"max"}
> {"ts":100,"key":"a","payload":5}

== or from the newest
: --keep earliest --within 10ms --refresh
< {"ts":2,"key":"a","payload":1}
< {"ts":8,"key":"a","payload":2}
+ {"ts":8,"key":"a","payload":2}
< {"mark":"watermark","ts":17}
> {"ts":2,"key":"a","payload":1}
< {"ts":17,"key":"a","payload":3}
+ {"ts":17,"key":"a","payload":3}
< {"mark":"watermark","ts":26}
< {"ts":26,"key":"a","payload":4}
+ {"ts":26,"key":"a","payload":4}
< {"mark":"watermark","ts":36}
< {"ts":36,"key":"a","payload":5}
< {"mark":"watermark","ts":37}
> {"ts":36,"key":"a","payload":5}

== without an id a record need not wait
: --keep earliest
< {"ts":5,"payload":1}
> {"ts":5,"payload":1}

== what waited as a bare line leaves in an envelope
: --keep earliest -t .at -k .k
< {"at":5,"k":"a"}
< {"at":4,"k":"a"}
+ {"topic":"input","partition":0,"offset":0,"ts":5000,"key":"a","payload":{"at":5,"k":"a"}}
< {"mark":"watermark","ts":10000}
> {"topic":"input","partition":0,"offset":0,"ts":4000,"key":"a","payload":{"at":4,"k":"a"}}

# what cannot be put in order

== behind the watermark is late; exactly at it is not
:
< {"ts":5,"payload":1}
< {"mark":"watermark","ts":10}
> {"ts":5,"payload":1}
< {"ts":10,"payload":2}
< {"ts":9,"payload":3}
! late 1ms
< {"ts":-5,"payload":4}
! late 15ms
< {"mark":"watermark","ts":11}
> {"ts":10,"payload":2}

== without a time there is no place for it
:
< {"key":"a","payload":1}
! no event time
< {"ts":1,"payload":2}
< {"mark":"watermark","ts":"max"}
> {"ts":1,"payload":2}

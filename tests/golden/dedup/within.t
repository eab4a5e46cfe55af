# ids are forgotten

== when the watermark reaches the first record's time and the horizon
: --within 10ms
< {"ts":5,"key":"a","payload":1}
> {"ts":5,"key":"a","payload":1}
< {"ts":14,"key":"a","payload":2}
+ {"ts":14,"key":"a","payload":2}
< {"ts":900,"key":"a","payload":3}
+ {"ts":900,"key":"a","payload":3}
< {"mark":"watermark","ts":14}
< {"ts":14,"key":"a","payload":4}
+ {"ts":14,"key":"a","payload":4}
< {"mark":"watermark","ts":15}
< {"ts":15,"key":"a","payload":5}
> {"ts":15,"key":"a","payload":5}
< {"mark":"watermark","ts":24}
< {"ts":24,"key":"a","payload":6}
+ {"ts":24,"key":"a","payload":6}
< {"mark":"watermark","ts":25}
< {"ts":30,"key":"a","payload":7}
> {"ts":30,"key":"a","payload":7}

== the horizon is that of the first to arrive
: --within 10ms
< {"ts":8,"key":"a","payload":1}
> {"ts":8,"key":"a","payload":1}
< {"ts":2,"key":"a","payload":2}
+ {"ts":2,"key":"a","payload":2}
< {"mark":"watermark","ts":13}
< {"ts":13,"key":"a","payload":3}
+ {"ts":13,"key":"a","payload":3}
< {"mark":"watermark","ts":18}
< {"ts":18,"key":"a","payload":4}
> {"ts":18,"key":"a","payload":4}

== late is what is below the watermark
: --within 10ms
< {"mark":"watermark","ts":10}
< {"ts":9,"key":"a","payload":1}
! late 1ms
< {"ts":9,"payload":1}
! late 1ms
< {"ts":10,"key":"a","payload":1}
> {"ts":10,"key":"a","payload":1}
< {"key":"b","payload":1}
! no event time
< {"mark":"watermark","ts":"max"}
< {"ts":10,"key":"a","payload":1}
! late 9223372036854775797ms

== bad is judged before late
: --within 10ms --by .id
< {"mark":"watermark","ts":10}
< {"ts":1,"payload":{"id":[]}}
! .id is an array: no id

== duplicates prolong where they are asked to
: --within 10ms --refresh
< {"ts":5,"key":"a","payload":1}
> {"ts":5,"key":"a","payload":1}
< {"ts":12,"key":"a","payload":2}
+ {"ts":12,"key":"a","payload":2}
< {"ts":7,"key":"a","payload":3}
+ {"ts":7,"key":"a","payload":3}
< {"mark":"watermark","ts":21}
< {"ts":21,"key":"a","payload":4}
+ {"ts":21,"key":"a","payload":4}
< {"mark":"watermark","ts":31}
< {"ts":31,"key":"a","payload":5}
> {"ts":31,"key":"a","payload":5}

== times at the ends
: --within 1d
< {"ts":-9223372036854775807,"key":"a","payload":1}
> {"ts":-9223372036854775807,"key":"a","payload":1}
< {"ts":9223372036854775806,"key":"b","payload":1}
> {"ts":9223372036854775806,"key":"b","payload":1}
< {"mark":"watermark","ts":0}
< {"ts":0,"key":"a","payload":2}
> {"ts":0,"key":"a","payload":2}
< {"mark":"watermark","ts":9223372036854775806}
< {"ts":9223372036854775806,"key":"b","payload":2}
+ {"ts":9223372036854775806,"key":"b","payload":2}

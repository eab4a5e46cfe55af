# the right side as a table of versions

== the version with the greatest time up to its own, when the watermark is past it
: inner --as-of
r {"ts":10,"key":"EUR","payload":1.10}
r {"ts":20,"key":"EUR","payload":1.20}
l {"ts":9,"key":"EUR","payload":"a"}
l {"ts":10,"key":"EUR","payload":"b"}
l {"ts":19,"key":"EUR","payload":"c"}
l {"ts":20,"key":"EUR","payload":"d"}
l {"mark":"watermark","ts":20}
r {"mark":"watermark","ts":20}
> {"topic":"join","partition":0,"offset":0,"ts":10,"key":"EUR","payload":{"left":"b","right":1.10}}
> {"topic":"join","partition":0,"offset":1,"ts":19,"key":"EUR","payload":{"left":"c","right":1.10}}
l {"mark":"watermark","ts":21}
r {"mark":"watermark","ts":21}
> {"topic":"join","partition":0,"offset":2,"ts":20,"key":"EUR","payload":{"left":"d","right":1.20}}
l {"ts":99,"key":"EUR","payload":"e"}
r {"mark":"watermark","ts":"max"}
l {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":3,"ts":99,"key":"EUR","payload":{"left":"e","right":1.20}}

== results by (ts, arrival) of the left side; of versions at one time the last to arrive
: left --as-of
l {"ts":12,"key":"b","payload":1}
l {"ts":11,"key":"a","payload":2}
l {"ts":11,"key":"c","payload":3}
r {"ts":11,"key":"a","payload":4}
r {"ts":11,"key":"a","payload":5}
l {"mark":"watermark","ts":50}
r {"mark":"watermark","ts":50}
> {"topic":"join","partition":0,"offset":0,"ts":11,"key":"a","payload":{"left":2,"right":5}}
> {"topic":"join","partition":0,"offset":1,"ts":11,"key":"c","payload":{"left":3,"right":null}}
> {"topic":"join","partition":0,"offset":2,"ts":12,"key":"b","payload":{"left":1,"right":null}}

== null deletes, from its time on
: left --as-of
r {"ts":10,"key":"a","payload":1}
r {"ts":20,"key":"a","payload":null}
r {"ts":30,"key":"a","payload":3}
l {"ts":15,"key":"a","payload":"x"}
l {"ts":25,"key":"a","payload":"y"}
l {"ts":35,"key":"a","payload":"z"}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":0,"ts":15,"key":"a","payload":{"left":"x","right":1}}
> {"topic":"join","partition":0,"offset":1,"ts":25,"key":"a","payload":{"left":"y","right":null}}
> {"topic":"join","partition":0,"offset":2,"ts":35,"key":"a","payload":{"left":"z","right":3}}

== a late version serves only what lies at its side's watermark or behind
: left --as-of
r {"ts":10,"key":"a","payload":"old"}
r {"mark":"watermark","ts":30}
r {"ts":20,"key":"a","payload":"late"}
l {"ts":25,"key":"a","payload":1}
l {"ts":29,"key":"a","payload":2}
l {"ts":30,"key":"a","payload":3}
l {"mark":"watermark","ts":26}
> {"topic":"join","partition":0,"offset":0,"ts":25,"key":"a","payload":{"left":1,"right":"old"}}
l {"mark":"watermark","ts":40}
> {"topic":"join","partition":0,"offset":1,"ts":29,"key":"a","payload":{"left":2,"right":"old"}}
r {"mark":"watermark","ts":40}
> {"topic":"join","partition":0,"offset":2,"ts":30,"key":"a","payload":{"left":3,"right":"late"}}

== a late version below one that serves is of no use
: left --as-of
r {"ts":10,"key":"a","payload":"old"}
l {"mark":"watermark","ts":30}
r {"mark":"watermark","ts":30}
r {"ts":5,"key":"a","payload":"older"}
r {"ts":20,"key":"a","payload":null}
l {"ts":31,"key":"a","payload":1}
l {"mark":"watermark","ts":40}
r {"mark":"watermark","ts":40}
> {"topic":"join","partition":0,"offset":0,"ts":31,"key":"a","payload":{"left":1,"right":null}}
l {"ts":39,"key":"a","payload":2}
! late 1ms

== semi and anti: is there a version
: semi --as-of
r {"ts":10,"key":"a","payload":{"big":true}}
l {"topic":"t","partition":0,"offset":1,"ts":9,"key":"a","payload":1}
l {"topic":"t","partition":0,"offset":2,"ts":10,"key":"a","payload":2}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"t","partition":0,"offset":2,"ts":10,"key":"a","payload":2}

== the rest
: anti --as-of
r {"ts":10,"key":"a","payload":{"big":true}}
l {"topic":"t","partition":0,"offset":1,"ts":9,"key":"a","payload":1}
l {"topic":"t","partition":0,"offset":2,"ts":10,"key":"a","payload":2}
l {"topic":"t","partition":0,"offset":3,"ts":10,"key":null,"payload":3}
> {"topic":"t","partition":0,"offset":3,"ts":10,"key":null,"payload":3}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"t","partition":0,"offset":1,"ts":9,"key":"a","payload":1}

== where looks at the version that is taken, no other
: left --as-of --where '.left.v <= .right.v'
r {"ts":10,"key":"a","payload":{"v":9}}
r {"ts":20,"key":"a","payload":{"v":1}}
l {"ts":15,"key":"a","payload":{"v":5}}
l {"ts":25,"key":"a","payload":{"v":5}}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":0,"ts":15,"key":"a","payload":{"left":{"v":5},"right":{"v":9}}}
> {"topic":"join","partition":0,"offset":1,"ts":25,"key":"a","payload":{"left":{"v":5},"right":null}}

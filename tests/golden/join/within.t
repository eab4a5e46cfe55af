# times near each other

== a pair leaves when its second record arrives, with the larger of both times
: inner --within 5ms
l {"ts":10,"key":"a","payload":{"l":1}}
r {"ts":13,"key":"a","payload":{"r":1}}
> {"topic":"join","partition":0,"offset":0,"ts":13,"key":"a","payload":{"left":{"l":1},"right":{"r":1}}}
r {"ts":8,"key":"a","payload":{"r":2}}
> {"topic":"join","partition":0,"offset":1,"ts":10,"key":"a","payload":{"left":{"l":1},"right":{"r":2}}}
l {"ts":9,"key":"b","payload":{"l":2}}
l {"ts":9,"key":"a","payload":{"l":3}}
> {"topic":"join","partition":0,"offset":2,"ts":9,"key":"a","payload":{"left":{"l":3},"right":{"r":2}}}
> {"topic":"join","partition":0,"offset":3,"ts":13,"key":"a","payload":{"left":{"l":3},"right":{"r":1}}}

== both ends belong to it
: inner --within -2ms..3ms
l {"ts":10,"key":"a","payload":1}
r {"ts":7,"key":"a","payload":7}
r {"ts":8,"key":"a","payload":8}
> {"topic":"join","partition":0,"offset":0,"ts":10,"key":"a","payload":{"left":1,"right":8}}
r {"ts":13,"key":"a","payload":13}
> {"topic":"join","partition":0,"offset":1,"ts":13,"key":"a","payload":{"left":1,"right":13}}
r {"ts":14,"key":"a","payload":14}

== partners come in order of their time, then arrival
: inner --within 5ms
r {"ts":3,"key":"a","payload":1}
r {"ts":1,"key":"a","payload":2}
r {"ts":3,"key":"a","payload":3}
r {"ts":2,"key":"a","payload":4}
l {"ts":2,"key":"a","payload":0}
> {"topic":"join","partition":0,"offset":0,"ts":2,"key":"a","payload":{"left":0,"right":2}}
> {"topic":"join","partition":0,"offset":1,"ts":2,"key":"a","payload":{"left":0,"right":4}}
> {"topic":"join","partition":0,"offset":2,"ts":3,"key":"a","payload":{"left":0,"right":1}}
> {"topic":"join","partition":0,"offset":3,"ts":3,"key":"a","payload":{"left":0,"right":3}}

== late is what lies behind its own side's watermark, whatever the other side has
: inner --within 100ms
l {"ts":50,"key":"a","payload":1}
l {"mark":"watermark","ts":50}
r {"ts":20,"key":"a","payload":2}
> {"topic":"join","partition":0,"offset":0,"ts":50,"key":"a","payload":{"left":1,"right":2}}
l {"ts":50,"key":"a","payload":3}
> {"topic":"join","partition":0,"offset":1,"ts":50,"key":"a","payload":{"left":3,"right":2}}
l {"ts":49,"key":"a","payload":4}
! late 1ms

== behind an input that comes back from idleness the joint watermark counts
: left --within 5ms
r {"ts":10,"key":"a","payload":1}
r {"mark":"watermark","ts":10}
r {"mark":"idle"}
l {"ts":30,"key":"a","payload":2}
l {"mark":"watermark","ts":40}
> {"topic":"join","partition":0,"offset":0,"ts":30,"key":"a","payload":{"left":2,"right":null}}
r {"mark":"active"}
r {"ts":32,"key":"a","payload":3}
! late 8ms
r {"ts":40,"key":"a","payload":4}
l {"ts":41,"key":"a","payload":5}
> {"topic":"join","partition":0,"offset":1,"ts":41,"key":"a","payload":{"left":5,"right":4}}

== left: padded when the watermark has passed the last partner's time, in order of time, then arrival
: left --within -1ms..5ms
l {"ts":12,"key":"c","payload":1}
l {"ts":10,"key":"b","payload":2}
l {"ts":10,"key":"a","payload":3}
r {"ts":11,"key":"b","payload":4}
> {"topic":"join","partition":0,"offset":0,"ts":11,"key":"b","payload":{"left":2,"right":4}}
l {"mark":"watermark","ts":30}
r {"mark":"watermark","ts":15}
r {"mark":"watermark","ts":16}
> {"topic":"join","partition":0,"offset":1,"ts":10,"key":"a","payload":{"left":3,"right":null}}
r {"mark":"watermark","ts":18}
> {"topic":"join","partition":0,"offset":2,"ts":12,"key":"c","payload":{"left":1,"right":null}}

== full: padded rows by time, left first, then arrival
: full --within 5ms
r {"ts":10,"key":"b","payload":1}
l {"ts":10,"key":"a","payload":2}
r {"ts":9,"key":"c","payload":3}
r {"ts":10,"key":"d","payload":4}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":0,"ts":9,"key":"c","payload":{"left":null,"right":3}}
> {"topic":"join","partition":0,"offset":1,"ts":10,"key":"a","payload":{"left":2,"right":null}}
> {"topic":"join","partition":0,"offset":2,"ts":10,"key":"b","payload":{"left":null,"right":1}}
> {"topic":"join","partition":0,"offset":3,"ts":10,"key":"d","payload":{"left":null,"right":4}}

== right: what cannot have a partner any more when it comes is padded at once
: right --within 1ms..5ms
l {"mark":"watermark","ts":10}
r {"mark":"watermark","ts":10}
r {"ts":10,"key":"a","payload":1}
> {"topic":"join","partition":0,"offset":0,"ts":10,"key":"a","payload":{"left":null,"right":1}}
r {"ts":11,"key":"a","payload":2}
l {"ts":10,"key":"a","payload":3}
> {"topic":"join","partition":0,"offset":1,"ts":11,"key":"a","payload":{"left":3,"right":2}}
l {"mark":"watermark","ts":99}
r {"mark":"watermark","ts":99}

== semi lets each left record with a partner through once, as it came
: semi --within 5ms
l {"topic":"t","partition":1,"offset":7,"ts":10,"key":"a","payload":{"l":1},"more":[1.10]}
r {"ts":12,"key":"a","payload":1}
> {"topic":"t","partition":1,"offset":7,"ts":10,"key":"a","payload":{"l":1},"more":[1.10]}
r {"ts":13,"key":"a","payload":2}
l {"topic":"t","partition":1,"offset":8,"ts":11,"key":"a","payload":{"l":2}}
> {"topic":"t","partition":1,"offset":8,"ts":11,"key":"a","payload":{"l":2}}
l {"topic":"t","partition":1,"offset":9,"ts":11,"key":"b","payload":{"l":3}}
l {"topic":"t","partition":1,"offset":10,"ts":11,"key":null,"payload":{"l":3}}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}

== anti lets those without one through, once none can come
: anti --within 5ms
l {"topic":"t","partition":1,"offset":7,"ts":10,"key":"a","payload":{"l":1}}
l {"topic":"t","partition":1,"offset":8,"ts":10,"key":"b","payload":{"l":2}}
l {"topic":"t","partition":1,"offset":9,"ts":10,"payload":{"l":3}}
> {"topic":"t","partition":1,"offset":9,"ts":10,"payload":{"l":3}}
r {"ts":15,"key":"a","payload":1}
l {"mark":"watermark","ts":16}
r {"mark":"watermark","ts":16}
> {"topic":"t","partition":1,"offset":8,"ts":10,"key":"b","payload":{"l":2}}

== null keys match nothing and are padded at once
: full --within 5ms
l {"ts":10,"key":null,"payload":1}
> {"topic":"join","partition":0,"offset":0,"ts":10,"key":null,"payload":{"left":1,"right":null}}
r {"ts":10,"payload":2}
> {"topic":"join","partition":0,"offset":1,"ts":10,"key":null,"payload":{"left":null,"right":2}}

== unless they are asked to be equal
: full --within 5ms --null-keys
l {"ts":10,"key":null,"payload":1}
r {"ts":10,"payload":2}
> {"topic":"join","partition":0,"offset":0,"ts":10,"key":null,"payload":{"left":1,"right":2}}

== a pair for which where is false is none
: left --within 5ms --where '.left.v <= .right.v'
l {"ts":10,"key":"a","payload":{"v":3}}
r {"ts":10,"key":"a","payload":{"v":2}}
r {"ts":10,"key":"a","payload":{"v":3}}
> {"topic":"join","partition":0,"offset":0,"ts":10,"key":"a","payload":{"left":{"v":3},"right":{"v":3}}}
l {"ts":10,"key":"a","payload":{"v":4}}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":1,"ts":10,"key":"a","payload":{"left":{"v":4},"right":null}}

== semi and anti judge by the payload in the line
: anti --within 5ms --where '.left.v <= .right.v'
l {"payload":{"v":3},"ts":10,"key":"a"}
l {"payload":{"v":9},"ts":10,"key":"a"}
r {"ts":10,"key":"a","payload":{"v":5}}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"payload":{"v":9},"ts":10,"key":"a"}

== a retraction is no record for a join
: inner --within 5ms
l {"ts":10,"key":"a","pane":"retract","payload":1}
! retraction: upstream must emit final

== bytes that are no JSON have no place in a pair
: inner --within 5ms
l {"ts":10,"key":"a","payload_base64":"/w=="}
! the payload is not JSON

== times at the ends of time
: full --within 5ms
l {"ts":9223372036854775806,"key":"a","payload":1}
r {"ts":-9223372036854775807,"key":"a","payload":2}
r {"ts":9223372036854775805,"key":"a","payload":3}
> {"topic":"join","partition":0,"offset":0,"ts":9223372036854775806,"key":"a","payload":{"left":1,"right":3}}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":1,"ts":-9223372036854775807,"key":"a","payload":{"left":null,"right":2}}

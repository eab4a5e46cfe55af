# all pairs of a window

== when it closes, keys by first appearance, pairs by left, then right
: inner --window 'tumbling 10ms'
l {"ts":5,"key":"b","payload":1}
r {"ts":3,"key":"a","payload":2}
l {"ts":4,"key":"a","payload":3}
r {"ts":7,"key":"b","payload":4}
r {"ts":6,"key":"b","payload":5}
l {"ts":4,"key":"b","payload":6}
r {"ts":10,"key":"b","payload":7}
l {"mark":"watermark","ts":10}
r {"mark":"watermark","ts":10}
> {"topic":"join","partition":0,"offset":0,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"left":6,"right":5}}
> {"topic":"join","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"left":6,"right":4}}
> {"topic":"join","partition":0,"offset":2,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"left":1,"right":5}}
> {"topic":"join","partition":0,"offset":3,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"left":1,"right":4}}
> {"topic":"join","partition":0,"offset":4,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"left":3,"right":2}}

== full: a left one without a partner in its place, the right ones behind
: full --window 'tumbling 10ms' --where '.left.v <= .right.v'
r {"ts":1,"key":"a","payload":{"v":1}}
r {"ts":2,"key":"a","payload":{"v":5}}
l {"ts":3,"key":"a","payload":{"v":4}}
l {"ts":4,"key":"a","payload":{"v":6}}
l {"ts":5,"key":"b","payload":{"v":0}}
r {"ts":6,"key":null,"payload":{"v":0}}
l {"ts":7,"key":null,"payload":{"v":0}}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"left":{"v":4},"right":{"v":5}}}
> {"topic":"join","partition":0,"offset":1,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"left":{"v":6},"right":null}}
> {"topic":"join","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"left":null,"right":{"v":1}}}
> {"topic":"join","partition":0,"offset":3,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"left":{"v":0},"right":null}}
> {"topic":"join","partition":0,"offset":4,"ts":9,"key":null,"window":{"start":0,"end":10},"payload":{"left":{"v":0},"right":null}}
> {"topic":"join","partition":0,"offset":5,"ts":9,"key":null,"window":{"start":0,"end":10},"payload":{"left":null,"right":{"v":0}}}

== late by its own side, also where the window is open still
: inner --window 'tumbling 10ms'
l {"ts":1,"key":"a","payload":1}
l {"mark":"watermark","ts":10}
l {"ts":9,"key":"a","payload":2}
! late 0ms
r {"ts":9,"key":"a","payload":3}
r {"mark":"watermark","ts":10}
> {"topic":"join","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"left":1,"right":3}}

== sliding: late for one window only is in the others only
: inner --window 'sliding 20ms 10ms'
r {"ts":5,"key":"a","payload":1}
l {"mark":"watermark","ts":10}
l {"ts":5,"key":"a","payload":2}
r {"mark":"watermark","ts":10}
r {"mark":"watermark","ts":20}
l {"mark":"watermark","ts":20}
> {"topic":"join","partition":0,"offset":0,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"left":2,"right":1}}

== sliding with gaps: what lies between windows is counted
: left --window 'sliding 5ms 10ms'
l {"ts":4,"key":"a","payload":1}
l {"ts":5,"key":"a","payload":2}
! between windows
l {"ts":10,"key":"a","payload":3}
r {"ts":14,"key":"a","payload":4}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":0,"ts":4,"key":"a","window":{"start":0,"end":5},"payload":{"left":1,"right":null}}
> {"topic":"join","partition":0,"offset":1,"ts":14,"key":"a","window":{"start":10,"end":15},"payload":{"left":3,"right":4}}

== cumulative: pairs come out again in each that holds them
: inner --window 'cumulative 20ms 10ms'
l {"ts":1,"key":"a","payload":1}
r {"ts":2,"key":"a","payload":2}
r {"ts":12,"key":"a","payload":3}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"left":1,"right":2}}
> {"topic":"join","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"left":1,"right":2}}
> {"topic":"join","partition":0,"offset":2,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"left":1,"right":3}}

== semi lets a left record through once, with the first window that has a partner for it
: semi --window 'sliding 20ms 10ms'
l {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":1}
l {"topic":"t","partition":0,"offset":2,"ts":15,"key":"a","payload":2}
r {"ts":15,"key":"a","payload":0}
l {"topic":"t","partition":0,"offset":3,"ts":5,"key":"b","payload":3}
l {"mark":"watermark","ts":10}
r {"mark":"watermark","ts":10}
l {"mark":"watermark","ts":20}
r {"mark":"watermark","ts":20}
> {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":1}
> {"topic":"t","partition":0,"offset":2,"ts":15,"key":"a","payload":2}
l {"mark":"watermark","ts":30}
r {"mark":"watermark","ts":30}

== anti those that have none in any window, when the last one closes
: anti --window 'sliding 20ms 10ms'
l {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":1}
r {"ts":15,"key":"a","payload":0}
l {"topic":"t","partition":0,"offset":3,"ts":5,"key":"b","payload":3}
l {"topic":"t","partition":0,"offset":4,"ts":25,"key":null,"payload":4}
l {"mark":"watermark","ts":10}
r {"mark":"watermark","ts":10}
l {"mark":"watermark","ts":20}
r {"mark":"watermark","ts":20}
> {"topic":"t","partition":0,"offset":3,"ts":5,"key":"b","payload":3}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"t","partition":0,"offset":4,"ts":25,"key":null,"payload":4}

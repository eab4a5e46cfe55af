# what is equal, and what leaves

== a path on each side, by bytes: the number 1 and the string "1" are one
: inner --within 5ms --left-on .id --right-on .order
l {"ts":1,"key":"x","payload":{"id":1}}
r {"ts":1,"key":"y","payload":{"order":"1"}}
> {"topic":"join","partition":0,"offset":0,"ts":1,"key":"1","payload":{"left":{"id":1},"right":{"order":"1"}}}
r {"ts":1,"key":"y","payload":{"order":1.0}}
r {"ts":1,"key":"y","payload":{"order":"\u0031"}}
> {"topic":"join","partition":0,"offset":1,"ts":1,"key":"1","payload":{"left":{"id":1},"right":{"order":"\u0031"}}}
l {"ts":1,"key":"x","payload":{"id":[1]}}
! .id is an array, not a key

== several paths; one null is enough to match nothing
: left --within 5ms --on .a --on .b
l {"ts":1,"payload":{"a":1,"b":"x"}}
r {"ts":1,"payload":{"b":"x","a":1}}
> {"topic":"join","partition":0,"offset":0,"ts":1,"key":"[1,\"x\"]","payload":{"left":{"a":1,"b":"x"},"right":{"b":"x","a":1}}}
r {"ts":1,"payload":{"b":null,"a":1}}
l {"ts":1,"payload":{"a":1}}
> {"topic":"join","partition":0,"offset":1,"ts":1,"key":"[1,null]","payload":{"left":{"a":1},"right":null}}

== a key that is no text
: inner --within 5ms
l {"ts":1,"key_base64":"/w==","payload":1}
r {"ts":1,"key_base64":"/w==","payload":2}
> {"topic":"join","partition":0,"offset":0,"ts":1,"key_base64":"/w==","payload":{"left":1,"right":2}}

== the sides by their names
: left --within 5ms --as orders,payments
l {"ts":1,"key":"a","payload":1.10}
r {"ts":1,"key":"a","payload":"x"}
> {"topic":"join","partition":0,"offset":0,"ts":1,"key":"a","payload":{"orders":1.10,"payments":"x"}}

== members side by side: the right one wins
: full --within 5ms --combine
l {"ts":1,"key":"a","payload":{"id":1,"x":1.10,"s":"é"}}
r {"ts":1,"key":"a","payload":{"x":[2, 3],"y":{}}}
> {"topic":"join","partition":0,"offset":0,"ts":1,"key":"a","payload":{"id":1,"s":"é","x":[2, 3],"y":{}}}
r {"ts":1,"key":"a","payload":{"\u0069d":2}}
> {"topic":"join","partition":0,"offset":1,"ts":1,"key":"a","payload":{"x":1.10,"s":"é","\u0069d":2}}
r {"ts":1,"key":"a","payload":{}}
> {"topic":"join","partition":0,"offset":2,"ts":1,"key":"a","payload":{"id":1,"x":1.10,"s":"é"}}
r {"ts":1,"key":"a","payload":null}
> {"topic":"join","partition":0,"offset":3,"ts":1,"key":"a","payload":{"id":1,"x":1.10,"s":"é"}}
l {"ts":1,"key":"b","payload":{ }}
l {"ts":1,"key":"a","payload":[1]}
! the payload is not an object: --combine puts members together
r {"ts":9,"key":"c","payload":{"z":1}}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":4,"ts":1,"key":"b","payload":{}}
> {"topic":"join","partition":0,"offset":5,"ts":9,"key":"c","payload":{"z":1}}

== a pair that cannot be judged is none, and a dead letter
: left --within 5ms --where '.left.a + .right.b == 3'
l {"ts":1,"key":"a","payload":{"a":1}}
r {"ts":2,"key":"a","payload":{"b":2}}
> {"topic":"join","partition":0,"offset":0,"ts":2,"key":"a","payload":{"left":{"a":1},"right":{"b":2}}}
r {"ts":2,"key":"a","payload":{"b":"x"}}
x {"topic":"join","partition":0,"offset":1,"ts":2,"key":"a","payload":{"left":{"a":1},"right":{"b":"x"}},"error":{"stage":"join","reason":"number (1) and string (\"x\") cannot be added"}}
l {"ts":3,"key":"a","payload":{"a":7}}
x {"topic":"join","partition":0,"offset":2,"ts":3,"key":"a","payload":{"left":{"a":7},"right":{"b":"x"}},"error":{"stage":"join","reason":"number (7) and string (\"x\") cannot be added"}}
l {"mark":"watermark","ts":"max"}
r {"mark":"watermark","ts":"max"}
> {"topic":"join","partition":0,"offset":3,"ts":3,"key":"a","payload":{"left":{"a":7},"right":null}}

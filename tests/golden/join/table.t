# the right side as it stands

== latest: what has arrived
: left --latest
l {"ts":1,"key":"a","payload":1}
> {"topic":"join","partition":0,"offset":0,"ts":1,"key":"a","payload":{"left":1,"right":null}}
r {"ts":9,"key":"a","payload":"x"}
r {"ts":3,"key":"a","payload":"y"}
l {"ts":2,"key":"a","payload":2}
> {"topic":"join","partition":0,"offset":1,"ts":2,"key":"a","payload":{"left":2,"right":"y"}}
r {"ts":4,"key":"a","payload":null}
l {"ts":2,"key":"a","payload":3}
> {"topic":"join","partition":0,"offset":2,"ts":2,"key":"a","payload":{"left":3,"right":null}}
r {"key":null,"payload":5}
l {"key":null,"payload":4}
> {"topic":"join","partition":0,"offset":3,"key":null,"payload":{"left":4,"right":null}}
l {"mark":"watermark","ts":50}
l {"ts":2,"key":"b","payload":5}
> {"topic":"join","partition":0,"offset":4,"ts":2,"key":"b","payload":{"left":5,"right":null}}

== latest: semi and anti filter by what is there
: anti --latest
r {"key":"a","payload":{}}
l {"topic":"t","partition":0,"offset":1,"key":"a","payload":1}
l {"topic":"t","partition":0,"offset":2,"key":"b","payload":2}
> {"topic":"t","partition":0,"offset":2,"key":"b","payload":2}
r {"key":"a","payload":null}
l {"topic":"t","partition":0,"offset":3,"key":"a","payload":3}
> {"topic":"t","partition":0,"offset":3,"key":"a","payload":3}

== a table: all its rows, in their order
: inner --table --on .id
t {"ts":7,"payload":{"id":1,"n":"one"}}
t {"ts":5,"payload":{"id":2,"n":"two"}}
t {"ts":3,"payload":{"id":1,"n":"uno"}}
t {"payload":{"id":null,"n":"none"}}
l {"ts":1,"payload":{"id":1}}
> {"topic":"join","partition":0,"offset":0,"ts":1,"key":"1","payload":{"left":{"id":1},"right":{"id":1,"n":"one"}}}
> {"topic":"join","partition":0,"offset":1,"ts":1,"key":"1","payload":{"left":{"id":1},"right":{"id":1,"n":"uno"}}}
l {"ts":1,"payload":{"id":3}}
l {"ts":1,"payload":{"id":null}}

== a new table takes the old one's place at once
: semi --table
t {"key":"a","payload":{}}
l {"topic":"t","partition":0,"offset":1,"key":"a","payload":1}
> {"topic":"t","partition":0,"offset":1,"key":"a","payload":1}
t {"key":"b","payload":{}}
t {"key":"c","payload":{}}
t {"key":"c","payload":null}
l {"topic":"t","partition":0,"offset":2,"key":"a","payload":2}
l {"topic":"t","partition":0,"offset":3,"key":"b","payload":3}
> {"topic":"t","partition":0,"offset":3,"key":"b","payload":3}
l {"topic":"t","partition":0,"offset":4,"key":"c","payload":4}

# civil time: New York changed clocks on 2013-03-10 at 07:00Z and on 2013-11-03 at 06:00Z

== a day of 23 hours
: tumbling 1d --tz America/New_York -a n=count
< {"ts":1362891600000,"key":"a","payload":{}}
< {"ts":1362974399999,"key":"a","payload":{}}
< {"ts":1362974400000,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":1362974399999,"key":"a","window":{"start":1362891600000,"end":1362974400000},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":1,"ts":1363060799999,"key":"a","window":{"start":1362974400000,"end":1363060800000},"payload":{"n":1}}

== a day of 25 hours
: tumbling 1d --tz America/New_York -a n=count
< {"ts":1383451199999,"key":"a","payload":{}}
< {"ts":1383451200000,"key":"a","payload":{}}
< {"ts":1383541199999,"key":"a","payload":{}}
< {"ts":1383541200000,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":1383451199999,"key":"a","window":{"start":1383364800000,"end":1383451200000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":1383541199999,"key":"a","window":{"start":1383451200000,"end":1383541200000},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":2,"ts":1383627599999,"key":"a","window":{"start":1383541200000,"end":1383627600000},"payload":{"n":1}}

== weeks begin on Monday, months on the first
: tumbling 1w --tz America/New_York -a n=count
< {"ts":1362891600000,"key":"a","payload":{}}
< {"ts":1362974400000,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":1362974399999,"key":"a","window":{"start":1362373200000,"end":1362974400000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":1363579199999,"key":"a","window":{"start":1362974400000,"end":1363579200000},"payload":{"n":1}}

== months, of any length
: tumbling 1mo --tz America/New_York -a n=count
< {"ts":1362891600000,"key":"a","payload":{}}
< {"ts":1364788799999,"key":"a","payload":{}}
< {"ts":1364788800000,"key":"a","payload":{}}
< {"ts":-1,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":17999999,"key":"a","window":{"start":-2660400000,"end":18000000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":1364788799999,"key":"a","window":{"start":1362114000000,"end":1364788800000},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":2,"ts":1367380799999,"key":"a","window":{"start":1364788800000,"end":1367380800000},"payload":{"n":1}}

== three days, one begins each day
: sliding 3d 1d --tz America/New_York -a n=count
< {"ts":1362974400000,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":1363060799999,"key":"a","window":{"start":1362805200000,"end":1363060800000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":1363147199999,"key":"a","window":{"start":1362891600000,"end":1363147200000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":1363233599999,"key":"a","window":{"start":1362974400000,"end":1363233600000},"payload":{"n":1}}

== a day that begins at six
: tumbling 1d --tz America/New_York --offset 6h -a n=count
< {"ts":1362913200000,"key":"a","payload":{}}
< {"ts":1362909599999,"key":"a","payload":{}}
< {"ts":1362909600000,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":1362909599999,"key":"a","window":{"start":1362826800000,"end":1362909600000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":1362995999999,"key":"a","window":{"start":1362909600000,"end":1362996000000},"payload":{"n":2}}

== the month so far, each month of a quarter
: cumulative 3mo 1mo --tz UTC -a n=count
< {"ts":1362891600000,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":1364774399999,"key":"a","window":{"start":1356998400000,"end":1364774400000},"payload":{"n":1}}

== a midnight that does not exist is the moment of the change
: tumbling 1d --tz America/Sao_Paulo -a n=count
< {"ts":1382237999999,"key":"a","payload":{}}
< {"ts":1382238000000,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":1382237999999,"key":"a","window":{"start":1382151600000,"end":1382238000000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":1382320799999,"key":"a","window":{"start":1382238000000,"end":1382320800000},"payload":{"n":1}}

== a midnight that comes twice is the first
: tumbling 1d --tz America/Havana -a n=count
< {"ts":1383451200000,"key":"a","payload":{}}
< {"ts":1383454800000,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":1383541199999,"key":"a","window":{"start":1383451200000,"end":1383541200000},"payload":{"n":2}}

== a day that never was
: tumbling 1d --tz Pacific/Apia -a n=count
< {"ts":1325239199999,"key":"a","payload":{}}
< {"ts":1325239200000,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":1325239199999,"key":"a","window":{"start":1325152800000,"end":1325239200000},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":1325325599999,"key":"a","window":{"start":1325239200000,"end":1325325600000},"payload":{"n":1}}


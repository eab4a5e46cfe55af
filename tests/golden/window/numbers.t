# numbers in results

== exact sums of decimals
: 10ms -a 's=sum(.v)' -a 'm=mean(.v)' -a n=count -a 'c=count(.v)'
< {"ts":1,"key":"a","payload":{"v":0.1}}
< {"ts":2,"key":"a","payload":{"v":0.2}}
< {"ts":3,"key":"a","payload":{"v":null}}
< {"ts":4,"key":"a","payload":{}}
< {"ts":5,"key":"b","payload":{"v":null}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"s":0.3,"m":0.15,"n":4,"c":2}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"s":null,"m":null,"n":1,"c":0}}

== above 2^53 and below zero
: 10ms -a 's=sum(.v)' -a 'lo=min(.v)' -a 'hi=max(.v)'
< {"ts":1,"key":"a","payload":{"v":9007199254740993}}
< {"ts":2,"key":"a","payload":{"v":9007199254740992}}
< {"ts":3,"key":"a","payload":{"v":-0.5}}
< {"ts":4,"key":"a","payload":{"v":1e3}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"s":18014398509482984.5,"lo":-0.5,"hi":9007199254740993}}

== a sum of 38 digits is given out, one of 39 is not
: 10ms -a n=count -a 's=sum(.v)'
< {"ts":1,"key":"a","payload":{"v":99999999999999999999999999999999999998}}
< {"ts":1,"key":"a","payload":{"v":1}}
< {"ts":1,"key":"b","payload":{"v":99999999999999999999999999999999999999}}
< {"ts":1,"key":"b","payload":{"v":1}}
< {"ts":1,"key":"c","payload":{"v":1}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":2,"s":99999999999999999999999999999999999999}}
x {"topic":"window","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"n":2,"s":100000000000000000000000000000000000000},"error":{"stage":"window","reason":"column s has more than 38 digits"}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"c","window":{"start":0,"end":10},"payload":{"n":1,"s":1}}
< {"ts":11,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":3,"ts":19,"key":"a","window":{"start":10,"end":20},"payload":{"n":1,"s":1}}

== what is over and comes back is exact again
: 10ms --allowed-lateness 10ms -a 's=sum(.v)' -a 't=sum(.w)' -a k=key
< {"ts":1,"key":"a","payload":{"v":99999999999999999999999999999999999999,"w":-99999999999999999999999999999999999999}}
< {"ts":1,"key":"a","payload":{"v":2,"w":-1}}
< {"mark":"watermark","ts":10}
x {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"s":100000000000000000000000000000000000001,"t":-100000000000000000000000000000000000000,"k":"a"},"error":{"stage":"window","reason":"column s has more than 38 digits; column t has more than 38 digits"}}
< {"ts":1,"key":"a","payload":{"v":-3,"w":1}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"s":99999999999999999999999999999999999998,"t":-99999999999999999999999999999999999999,"k":"a"}}
< {"mark":"watermark","ts":"max"}

== 38 digits around the point
: 10ms -a 's=sum(.v)'
< {"ts":1,"key":"a","payload":{"v":1e37}}
< {"ts":1,"key":"a","payload":{"v":0.5}}
< {"ts":1,"key":"b","payload":{"v":1e36}}
< {"ts":1,"key":"b","payload":{"v":0.5}}
< {"mark":"watermark","ts":"max"}
x {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"s":10000000000000000000000000000000000000.5},"error":{"stage":"window","reason":"column s has more than 38 digits"}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"s":1000000000000000000000000000000000000.5}}

== the mean of thirds
: 10ms -a 'm=mean(.v)'
< {"ts":1,"key":"a","payload":{"v":1}}
< {"ts":1,"key":"a","payload":{"v":0}}
< {"ts":1,"key":"a","payload":{"v":0}}
< {"ts":1,"key":"b","payload":{"v":2}}
< {"ts":1,"key":"b","payload":{"v":0}}
< {"ts":1,"key":"b","payload":{"v":0}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"m":0.33333333333333333}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"m":0.66666666666666667}}

== min and max keep the text
: 10ms -a 'lo=min(.v)' -a 'hi=max(.v)'
< {"ts":1,"key":"a","payload":{"v":1.10}}
< {"ts":2,"key":"a","payload":{"v":2.50}}
< {"ts":3,"key":"a","payload":{"v":1.1}}
< {"ts":4,"key":"a","payload":{"v":2.5}}
< {"ts":5,"key":"a","payload":{"v":2.500}}
< {"ts":6,"key":"b","payload":{"v":"pear"}}
< {"ts":7,"key":"b","payload":{"v":"apple"}}
< {"ts":8,"key":"b","payload":{"v":"a longer text than lies in the accumulator itself: it has its place beside it"}}
< {"ts":9,"key":"b","payload":{"v":7}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"lo":1.1,"hi":2.5}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"lo":7,"hi":"pear"}}

== one path, several aggregates
: 10ms -a 's=sum(.v)' -a 'm=mean(.v)' -a 'c=count(.v)' -a 'hi=max(.v)' -a 'lo=min(.["v"])'
< {"ts":1,"key":"a","payload":{"v":3}}
< {"ts":2,"key":"a","payload":{"v":4}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"s":7,"m":3.5,"c":2,"hi":4,"lo":3}}

== paths into the depth, and into the record
: 10ms -a 'd=sum(.a.b[1])' -a 'k=max($.key)' -a 't=max($.ts)'
< {"ts":1,"key":"x","payload":{"a":{"b":[1,2]}}}
< {"ts":2,"key":"x","payload":{"a":{"b":[1,5]}}}
< {"ts":3,"key":"x","payload":{"a":{"b":[1]}}}
< {"ts":4,"key":"x","payload":{"a":null}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"x","window":{"start":0,"end":10},"payload":{"d":7,"k":"x","t":4}}

== no -a counts
: 10ms
< {"ts":1,"key":"a","payload":{}}
< {"ts":2,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"count":2}}

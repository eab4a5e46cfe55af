# groups

== null, absent, empty and the word null
: 10ms -a n=count -a k=key
< {"ts":1,"key":null,"payload":{}}
< {"ts":2,"key":"","payload":{}}
< {"ts":3,"payload":{}}
< {"ts":4,"key":"null","payload":{}}
< {"ts":5,"key":"","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":null,"window":{"start":0,"end":10},"payload":{"n":2,"k":null}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"","window":{"start":0,"end":10},"payload":{"n":2,"k":""}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"null","window":{"start":0,"end":10},"payload":{"n":1,"k":"null"}}

== keys are equal if their decoded bytes are
: 10ms -a n=count -a k=key
< {"ts":1,"key":"A","payload":{}}
< {"ts":2,"key":"\u0041","payload":{}}
< {"ts":3,"key":"\n\"\\","payload":{}}
< {"ts":4,"key":"\u000a\u0022\u005c","payload":{}}
< {"ts":5,"key":"ü","payload":{}}
< {"ts":6,"key":"\u00fc","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"A","window":{"start":0,"end":10},"payload":{"n":2,"k":"A"}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"\n\"\\","window":{"start":0,"end":10},"payload":{"n":2,"k":"\n\"\\"}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"ü","window":{"start":0,"end":10},"payload":{"n":2,"k":"ü"}}

== bytes that are no text
: 10ms -a n=count -a k=key
< {"ts":1,"key_base64":"/w==","payload":{}}
< {"ts":2,"key_base64":"/w==","payload":{}}
< {"ts":3,"key_base64":"/v8=","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key_base64":"/w==","window":{"start":0,"end":10},"payload":{"n":2,"k_base64":"/w=="}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key_base64":"/v8=","window":{"start":0,"end":10},"payload":{"n":1,"k_base64":"/v8="}}

== --global makes one group of all
: 10ms --global -a n=count -a 's=sum(.v)' -a k=key
< {"ts":1,"key":"a","payload":{"v":1}}
< {"ts":2,"key":null,"payload":{"v":2}}
< {"ts":3,"key":"b","payload":{"v":4}}
< {"ts":11,"key":"","payload":{"v":8}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":null,"window":{"start":0,"end":10},"payload":{"n":3,"s":7,"k":null}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":null,"window":{"start":10,"end":20},"payload":{"n":1,"s":8,"k":null}}

== long keys that differ at one end
: 10ms -a n=count
< {"ts":1,"key":"0123456789abcdef0","payload":{}}
< {"ts":1,"key":"1123456789abcdef0","payload":{}}
< {"ts":1,"key":"0123456789abcdef1","payload":{}}
< {"ts":1,"key":"0123456789abcdef0","payload":{}}
< {"ts":1,"key":"0123456789abcdef","payload":{}}
< {"ts":1,"key":"0123456789abcde","payload":{}}
< {"ts":1,"key":"01234567","payload":{}}
< {"ts":1,"key":"01234568","payload":{}}
< {"ts":1,"key":"0123456","payload":{}}
< {"ts":1,"key":"0123","payload":{}}
< {"ts":1,"key":"012","payload":{}}
< {"ts":1,"key":"01","payload":{}}
< {"ts":1,"key":"0","payload":{}}
< {"ts":1,"key":"01","payload":{}}
< {"ts":1,"key":"11","payload":{}}
< {"ts":1,"key":"0123","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"0123456789abcdef0","window":{"start":0,"end":10},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"1123456789abcdef0","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"0123456789abcdef1","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":3,"ts":9,"key":"0123456789abcdef","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":4,"ts":9,"key":"0123456789abcde","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":5,"ts":9,"key":"01234567","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":6,"ts":9,"key":"01234568","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":7,"ts":9,"key":"0123456","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":8,"ts":9,"key":"0123","window":{"start":0,"end":10},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":9,"ts":9,"key":"012","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":10,"ts":9,"key":"01","window":{"start":0,"end":10},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":11,"ts":9,"key":"0","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":12,"ts":9,"key":"11","window":{"start":0,"end":10},"payload":{"n":1}}

== key, start and end as columns, in the order asked for
: 10ms -a end=end -a n=count -a who=key -a start=start
< {"ts":-5,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":-1,"key":"a","window":{"start":-10,"end":0},"payload":{"end":0,"n":1,"who":"a","start":-10}}

== a column may have any name
: 10ms -a 'a "b"\=count' -a 'ü=sum(.v)'
< {"ts":1,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"a \"b\"\\":1,"ü":1}}

== only what the window itself knows
: 10ms -a from=start
< {"ts":1,"key":"a","payload":{}}
< {"ts":2,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"from":0}}

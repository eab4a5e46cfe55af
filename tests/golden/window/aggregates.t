# aggregates that ask when a record was, which it was, or which window it is

== the first and the last by time, and in the order of arrival
: 10ms -a 'f=first(.v)' -a 'l=last(.v)' -a 'c=collect(.v)' -a 't=concat(.v,"; ")'
< {"ts":5,"key":"a","payload":{"v":"x"}}
< {"ts":1,"key":"a","payload":{"v":"y"}}
< {"ts":5,"key":"a","payload":{"v":"z"}}
< {"ts":1,"key":"a","payload":{"v":"w"}}
< {"ts":3,"key":"b","payload":{"v":null}}
< {"ts":12,"key":"a","payload":{"v":1.50}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"f":"y","l":"z","c":["x","y","z","w"],"t":"x; y; z; w"}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"f":null,"l":null,"c":null,"t":null}}
> {"topic":"window","partition":0,"offset":2,"ts":19,"key":"a","window":{"start":10,"end":20},"payload":{"f":1.50,"l":1.50,"c":[1.50],"t":"1.50"}}

== whole payloads by one of their members
: 10ms -a 'top=top(.,2,.v)' -a 'worst=argmin(.id,.v)' -a 'least=bottom(.v,2)' -a n=count
< {"ts":2,"key":"a","payload":{"id":1,"v":5}}
< {"ts":1,"key":"a","payload":{"id":2,"v":5.0}}
< {"ts":3,"key":"a","payload":{"id":3,"v":7}}
< {"ts":3,"key":"a","payload":{"id":4,"v":null}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"top":[{"id":3,"v":7},{"id":2,"v":5.0}],"worst":2,"least":[5,5.0],"n":4}}

== how many per second of the window
: 200ms -a r=rate -a 'v=rate(.v)'
< {"ts":5,"key":"a","payload":{"v":1}}
< {"ts":6,"key":"a","payload":{}}
< {"ts":7,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":199,"key":"a","window":{"start":0,"end":200},"payload":{"r":15,"v":10}}

== sets, sketches and exact moments through late panes
: 10ms --allowed-lateness 20ms -a 'd=distinct(.v)' -a 'da=distinct~(.v)' -a 'm=median(.v)' -a 'q=quantile(.v,0.9)' -a 's=variance(.v)' -a 'c=corr(.v,.w)' -a 'any=any(.b)'
< {"ts":1,"key":"a","payload":{"v":1,"w":2,"b":false}}
< {"ts":1,"key":"a","payload":{"v":2,"w":3.5}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"d":2,"da":2,"m":1.5,"q":1.9,"s":0.5,"c":1,"any":false}}
< {"ts":2,"key":"a","payload":{"v":6,"w":0,"b":true}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"d":3,"da":3,"m":2,"q":5.2,"s":7,"c":-0.80718300375094714,"any":true}}
< {"mark":"watermark","ts":"max"}

== the second path is to blame, and nothing has changed
: 10ms -a n=count -a 'c=corr(.v,.w)' -a 'x=argmax(.v,.w)'
< {"ts":1,"key":"a","payload":{"v":1,"w":1}}
< {"ts":1,"key":"a","payload":{"v":1,"w":"1"}}
! .w is not a number
< {"ts":1,"key":"a","payload":{"v":"1","w":1}}
! .v is not a number
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":1,"c":null,"x":1}}

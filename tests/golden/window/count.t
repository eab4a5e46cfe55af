# windows of a count, and the global one

== so many records of a key, in the order in which they come
: count 2 -a 's=sum(.v)' -a from=start -a to=end
< {"ts":5,"key":"a","payload":{"v":1}}
< {"ts":9,"key":"b","payload":{"v":2}}
< {"ts":3,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":0,"ts":5,"key":"a","window":{"start":3,"end":6,"n":1},"payload":{"s":5,"from":3,"to":6}}
< {"ts":7,"key":"a","payload":{"v":8}}
< {"mark":"watermark","ts":100}
< {"ts":1,"key":"b","payload":{"v":16}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":1,"end":10,"n":1},"payload":{"s":18,"from":1,"to":10}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":7,"key":"a","window":{"start":7,"end":8,"n":2},"payload":{"s":8,"from":7,"to":8}}

== a new one with each record
: count 3 1 -a 's=sum(.v)'
< {"ts":1,"key":"a","payload":{"v":1}}
< {"ts":2,"key":"a","payload":{"v":2}}
< {"ts":3,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":0,"ts":3,"key":"a","window":{"start":1,"end":4,"n":1},"payload":{"s":7}}
< {"ts":4,"key":"a","payload":{"v":8}}
> {"topic":"window","partition":0,"offset":1,"ts":4,"key":"a","window":{"start":2,"end":5,"n":2},"payload":{"s":14}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":4,"key":"a","window":{"start":3,"end":5,"n":3},"payload":{"s":12}}
> {"topic":"window","partition":0,"offset":3,"ts":4,"key":"a","window":{"start":4,"end":5,"n":4},"payload":{"s":8}}

== a step that does not divide, and one that is larger
: count 3 2 -a 's=sum(.v)'
< {"ts":1,"key":"a","payload":{"v":1}}
< {"ts":2,"key":"a","payload":{"v":2}}
< {"ts":3,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":0,"ts":3,"key":"a","window":{"start":1,"end":4,"n":1},"payload":{"s":7}}
< {"ts":4,"key":"a","payload":{"v":8}}
< {"ts":5,"key":"a","payload":{"v":16}}
> {"topic":"window","partition":0,"offset":1,"ts":5,"key":"a","window":{"start":3,"end":6,"n":2},"payload":{"s":28}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":5,"key":"a","window":{"start":5,"end":6,"n":3},"payload":{"s":16}}

== records that no window holds
: count 1 3 -a 's=sum(.v)'
< {"ts":1,"key":"a","payload":{"v":1}}
> {"topic":"window","partition":0,"offset":0,"ts":1,"key":"a","window":{"start":1,"end":2,"n":1},"payload":{"s":1}}
< {"ts":2,"key":"a","payload":{"v":2}}
< {"ts":3,"key":"a","payload":{"v":4}}
< {"ts":4,"key":"a","payload":{"v":8}}
> {"topic":"window","partition":0,"offset":1,"ts":4,"key":"a","window":{"start":4,"end":5,"n":2},"payload":{"s":8}}
< {"ts":5,"key":"a","payload":{"v":16}}
< {"mark":"watermark","ts":"max"}

== updates
: count 2 --emit updates -a 's=sum(.v)'
< {"ts":1,"key":"a","payload":{"v":1}}
> {"topic":"window","partition":0,"offset":0,"ts":1,"key":"a","window":{"start":1,"end":2,"n":1},"pane":"early","payload":{"s":1}}
< {"ts":2,"key":"a","payload":{"v":2}}
> {"topic":"window","partition":0,"offset":1,"ts":2,"key":"a","window":{"start":1,"end":3,"n":1},"pane":"final","payload":{"s":3}}
< {"ts":3,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":2,"ts":3,"key":"a","window":{"start":3,"end":4,"n":2},"pane":"early","payload":{"s":4}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":3,"ts":3,"key":"a","window":{"start":3,"end":4,"n":2},"pane":"final","payload":{"s":4}}

== updates, only what is new
: count 2 1 --emit updates --discarding -a 's=sum(.v)' -a n=count
< {"ts":1,"key":"a","payload":{"v":1}}
> {"topic":"window","partition":0,"offset":0,"ts":1,"key":"a","window":{"start":1,"end":2,"n":1},"pane":"early","payload":{"s":1,"n":1}}
< {"ts":2,"key":"a","payload":{"v":2}}
> {"topic":"window","partition":0,"offset":1,"ts":2,"key":"a","window":{"start":1,"end":3,"n":1},"pane":"final","payload":{"s":2,"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":2,"key":"a","window":{"start":2,"end":3,"n":2},"pane":"early","payload":{"s":2,"n":1}}
< {"ts":3,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":3,"ts":3,"key":"a","window":{"start":2,"end":4,"n":2},"pane":"final","payload":{"s":4,"n":1}}
> {"topic":"window","partition":0,"offset":4,"ts":3,"key":"a","window":{"start":3,"end":4,"n":3},"pane":"early","payload":{"s":4,"n":1}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":5,"ts":3,"key":"a","window":{"start":3,"end":4,"n":3},"pane":"final","payload":{"s":null,"n":0}}

== every
: count 3 --emit every:10ms -a 's=sum(.v)'
< {"mark":"watermark","ts":0}
< {"ts":1,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":1,"key":"a","window":{"start":1,"end":2,"n":1},"pane":"early","payload":{"s":1}}
< {"mark":"watermark","ts":20}
< {"ts":2,"key":"a","payload":{"v":2}}
< {"ts":3,"key":"b","payload":{"v":4}}
< {"mark":"watermark","ts":30}
> {"topic":"window","partition":0,"offset":1,"ts":2,"key":"a","window":{"start":1,"end":3,"n":1},"pane":"early","payload":{"s":3}}
> {"topic":"window","partition":0,"offset":2,"ts":3,"key":"b","window":{"start":3,"end":4,"n":1},"pane":"early","payload":{"s":4}}
< {"ts":4,"key":"a","payload":{"v":8}}
> {"topic":"window","partition":0,"offset":3,"ts":4,"key":"a","window":{"start":1,"end":5,"n":1},"pane":"final","payload":{"s":11}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":4,"ts":3,"key":"b","window":{"start":3,"end":4,"n":1},"pane":"final","payload":{"s":4}}

== the global window comes at the end
: global -a 's=sum(.v)' -a from=start
< {"ts":5,"key":"b","payload":{"v":1}}
< {"ts":3,"key":"a","payload":{"v":2}}
< {"mark":"watermark","ts":100}
< {"ts":9,"key":"a","payload":{"v":4}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":5,"key":"b","payload":{"s":1,"from":null}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"a","payload":{"s":6,"from":null}}

== early results of it
: global --emit every:10ms -a 's=sum(.v)'
< {"mark":"watermark","ts":0}
< {"ts":5,"key":"b","payload":{"v":1}}
< {"ts":3,"key":"a","payload":{"v":2}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":3,"key":"a","pane":"early","payload":{"s":2}}
> {"topic":"window","partition":0,"offset":1,"ts":5,"key":"b","pane":"early","payload":{"s":1}}
< {"ts":9,"key":"a","payload":{"v":4}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","pane":"early","payload":{"s":6}}
< {"mark":"watermark","ts":30}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":3,"ts":5,"key":"b","pane":"final","payload":{"s":1}}
> {"topic":"window","partition":0,"offset":4,"ts":9,"key":"a","pane":"final","payload":{"s":6}}

== one for each record
: global --emit updates --global -a 's=sum(.v)'
< {"ts":5,"key":"b","payload":{"v":1}}
> {"topic":"window","partition":0,"offset":0,"ts":5,"key":null,"pane":"early","payload":{"s":1}}
< {"ts":3,"key":"a","payload":{"v":2}}
> {"topic":"window","partition":0,"offset":1,"ts":5,"key":null,"pane":"early","payload":{"s":3}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":5,"key":null,"pane":"final","payload":{"s":3}}


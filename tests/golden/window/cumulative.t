# cumulative windows

== increments without new records come out again
: cumulative 40ms 10ms -a 's=sum(.v)'
< {"ts":5,"key":"a","payload":{"v":1}}
< {"ts":25,"key":"a","payload":{"v":2}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"s":1}}
< {"mark":"watermark","ts":30}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"s":1}}
> {"topic":"window","partition":0,"offset":2,"ts":29,"key":"a","window":{"start":0,"end":30},"payload":{"s":3}}
< {"mark":"watermark","ts":40}
> {"topic":"window","partition":0,"offset":3,"ts":39,"key":"a","window":{"start":0,"end":40},"payload":{"s":3}}
< {"ts":45,"key":"a","payload":{"v":4}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":4,"ts":49,"key":"a","window":{"start":40,"end":50},"payload":{"s":4}}
> {"topic":"window","partition":0,"offset":5,"ts":59,"key":"a","window":{"start":40,"end":60},"payload":{"s":4}}
> {"topic":"window","partition":0,"offset":6,"ts":69,"key":"a","window":{"start":40,"end":70},"payload":{"s":4}}
> {"topic":"window","partition":0,"offset":7,"ts":79,"key":"a","window":{"start":40,"end":80},"payload":{"s":4}}

== a key comes where it came first in that window
: cumulative 20ms 10ms -a n=count
< {"ts":12,"key":"b","payload":{}}
< {"ts":3,"key":"a","payload":{}}
< {"ts":4,"key":"b","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":0,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":19,"key":"b","window":{"start":0,"end":20},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":3,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"n":1}}

== late is who is late for the longest
: cumulative 20ms 10ms -a 's=sum(.v)'
< {"ts":5,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"s":1}}
< {"ts":5,"key":"a","payload":{"v":2}}
< {"mark":"watermark","ts":19}
< {"ts":0,"key":"a","payload":{"v":4}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"s":7}}
< {"ts":19,"key":"a","payload":{"v":8}}
! late 0ms
< {"mark":"watermark","ts":"max"}

== with allowed lateness each that has closed fires
: cumulative 20ms 10ms --allowed-lateness 5ms -a 's=sum(.v)'
< {"ts":5,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"s":1}}
< {"ts":6,"key":"a","payload":{"v":2}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"s":3}}
< {"mark":"watermark","ts":15}
< {"ts":7,"key":"a","payload":{"v":4}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":2,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"final","payload":{"s":7}}
< {"ts":8,"key":"a","payload":{"v":8}}
> {"topic":"window","partition":0,"offset":3,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"late","payload":{"s":15}}
< {"ts":18,"key":"a","payload":{"v":16}}
> {"topic":"window","partition":0,"offset":4,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"late","payload":{"s":31}}
< {"mark":"watermark","ts":25}
< {"ts":18,"key":"a","payload":{"v":32}}
! late 5ms
< {"mark":"watermark","ts":"max"}

== negative times and an offset
: cumulative 20ms 10ms --offset 5ms -a n=count
< {"ts":-16,"key":"a","payload":{}}
< {"ts":-15,"key":"a","payload":{}}
< {"ts":-5,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":-16,"key":"a","window":{"start":-35,"end":-15},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":-6,"key":"a","window":{"start":-15,"end":-5},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":4,"key":"a","window":{"start":-15,"end":5},"payload":{"n":2}}


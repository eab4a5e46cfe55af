# sessions

== what overlaps or touches is one session
: session 10ms -a 's=sum(.v)'
< {"ts":0,"key":"a","payload":{"v":1}}
< {"ts":10,"key":"a","payload":{"v":2}}
< {"ts":21,"key":"a","payload":{"v":4}}
< {"ts":5,"key":"b","payload":{"v":8}}
< {"mark":"watermark","ts":15}
> {"topic":"window","partition":0,"offset":0,"ts":14,"key":"b","window":{"start":5,"end":15},"payload":{"s":8}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"s":3}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":30,"key":"a","window":{"start":21,"end":31},"payload":{"s":4}}

== sessions melt, transitively, whatever the order
: session 10ms -a 's=sum(.v)'
< {"ts":0,"key":"a","payload":{"v":1}}
< {"ts":40,"key":"a","payload":{"v":2}}
< {"ts":20,"key":"a","payload":{"v":4}}
< {"ts":30,"key":"a","payload":{"v":8}}
< {"ts":10,"key":"a","payload":{"v":16}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":49,"key":"a","window":{"start":0,"end":50},"payload":{"s":31}}

== by end, then start, then first appearance
: session 10ms -a n=count
< {"ts":5,"key":"z","payload":{}}
< {"ts":9,"key":"y","payload":{}}
< {"ts":0,"key":"y","payload":{}}
< {"ts":9,"key":"x","payload":{}}
< {"ts":5,"key":"w","payload":{}}
< {"ts":0,"key":"w","payload":{}}
< {"ts":9,"key":"v","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":14,"key":"w","window":{"start":0,"end":15},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":1,"ts":14,"key":"z","window":{"start":5,"end":15},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":18,"key":"y","window":{"start":0,"end":19},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":3,"ts":18,"key":"x","window":{"start":9,"end":19},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":4,"ts":18,"key":"v","window":{"start":9,"end":19},"payload":{"n":1}}

== late is judged on the melted session
: session 10ms -a 's=sum(.v)'
< {"ts":10,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":15}
< {"ts":0,"key":"a","payload":{"v":2}}
< {"ts":-1,"key":"b","payload":{"v":4}}
! late 6ms
< {"ts":-12,"key":"a","payload":{"v":8}}
! late 17ms
< {"mark":"watermark","ts":19}
< {"ts":1,"key":"a","payload":{"v":16}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":0,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"s":19}}
< {"ts":19,"key":"a","payload":{"v":32}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":1,"ts":28,"key":"a","window":{"start":19,"end":29},"payload":{"s":32}}

== with allowed lateness
: session 10ms --allowed-lateness 10ms -a 's=sum(.v)'
< {"ts":0,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"s":1}}
< {"ts":5,"key":"a","payload":{"v":2}}
< {"mark":"watermark","ts":15}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"retract","payload":{"s":1}}
> {"topic":"window","partition":0,"offset":2,"ts":14,"key":"a","window":{"start":0,"end":15},"pane":"final","payload":{"s":3}}
< {"ts":4,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":3,"ts":14,"key":"a","window":{"start":0,"end":15},"pane":"late","payload":{"s":7}}
< {"mark":"watermark","ts":24}
< {"ts":3,"key":"a","payload":{"v":8}}
> {"topic":"window","partition":0,"offset":4,"ts":14,"key":"a","window":{"start":0,"end":15},"pane":"late","payload":{"s":15}}
< {"mark":"watermark","ts":25}
< {"ts":3,"key":"a","payload":{"v":16}}
! late 12ms
< {"mark":"watermark","ts":"max"}

== what was said of a session that grows is taken back first
: session 10ms --allowed-lateness 100ms -a 's=sum(.v)'
< {"ts":0,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"s":1}}
< {"ts":12,"key":"a","payload":{"v":2}}
< {"mark":"watermark","ts":22}
> {"topic":"window","partition":0,"offset":1,"ts":21,"key":"a","window":{"start":12,"end":22},"pane":"final","payload":{"s":2}}
< {"ts":10,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"retract","payload":{"s":1}}
> {"topic":"window","partition":0,"offset":3,"ts":21,"key":"a","window":{"start":12,"end":22},"pane":"retract","payload":{"s":2}}
> {"topic":"window","partition":0,"offset":4,"ts":21,"key":"a","window":{"start":0,"end":22},"pane":"late","payload":{"s":7}}
< {"ts":20,"key":"a","payload":{"v":8}}
< {"mark":"watermark","ts":30}
> {"topic":"window","partition":0,"offset":5,"ts":21,"key":"a","window":{"start":0,"end":22},"pane":"retract","payload":{"s":7}}
> {"topic":"window","partition":0,"offset":6,"ts":29,"key":"a","window":{"start":0,"end":30},"pane":"final","payload":{"s":15}}
< {"mark":"watermark","ts":"max"}

== a session that closed and grows is open again
: session 10ms --allowed-lateness 100ms -a 's=sum(.v)'
< {"ts":0,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":12}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"s":1}}
< {"ts":10,"key":"a","payload":{"v":2}}
< {"mark":"watermark","ts":19}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"retract","payload":{"s":1}}
> {"topic":"window","partition":0,"offset":2,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"final","payload":{"s":3}}
< {"mark":"watermark","ts":"max"}

== updates: one for each record, with what it replaces
: session 10ms --emit updates -a 's=sum(.v)'
< {"ts":0,"key":"a","payload":{"v":1}}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"early","payload":{"s":1}}
< {"ts":0,"key":"a","payload":{"v":2}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"early","payload":{"s":3}}
< {"ts":20,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":2,"ts":29,"key":"a","window":{"start":20,"end":30},"pane":"early","payload":{"s":4}}
< {"ts":10,"key":"a","payload":{"v":8}}
> {"topic":"window","partition":0,"offset":3,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"retract","payload":{"s":3}}
> {"topic":"window","partition":0,"offset":4,"ts":29,"key":"a","window":{"start":20,"end":30},"pane":"retract","payload":{"s":4}}
> {"topic":"window","partition":0,"offset":5,"ts":29,"key":"a","window":{"start":0,"end":30},"pane":"early","payload":{"s":15}}
< {"ts":5,"key":"b","payload":{"v":16}}
> {"topic":"window","partition":0,"offset":6,"ts":14,"key":"b","window":{"start":5,"end":15},"pane":"early","payload":{"s":16}}
< {"mark":"watermark","ts":30}
> {"topic":"window","partition":0,"offset":7,"ts":14,"key":"b","window":{"start":5,"end":15},"pane":"final","payload":{"s":16}}
> {"topic":"window","partition":0,"offset":8,"ts":29,"key":"a","window":{"start":0,"end":30},"pane":"final","payload":{"s":15}}
< {"mark":"watermark","ts":"max"}

== updates, only what is new: nothing is taken back
: session 10ms --emit updates --discarding -a 's=sum(.v)' -a n=count
< {"ts":0,"key":"a","payload":{"v":1}}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"early","payload":{"s":1,"n":1}}
< {"ts":5,"key":"a","payload":{"v":2}}
> {"topic":"window","partition":0,"offset":1,"ts":14,"key":"a","window":{"start":0,"end":15},"pane":"early","payload":{"s":2,"n":1}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":14,"key":"a","window":{"start":0,"end":15},"pane":"final","payload":{"s":null,"n":0}}

== every: what changed, where the watermark passes a multiple
: session 10ms --emit every:10ms -a 's=sum(.v)'
< {"mark":"watermark","ts":0}
< {"ts":0,"key":"a","payload":{"v":1}}
< {"ts":15,"key":"b","payload":{"v":2}}
< {"mark":"watermark","ts":5}
< {"ts":8,"key":"a","payload":{"v":4}}
< {"mark":"watermark","ts":12}
> {"topic":"window","partition":0,"offset":0,"ts":17,"key":"a","window":{"start":0,"end":18},"pane":"early","payload":{"s":5}}
> {"topic":"window","partition":0,"offset":1,"ts":24,"key":"b","window":{"start":15,"end":25},"pane":"early","payload":{"s":2}}
< {"ts":22,"key":"b","payload":{"v":8}}
< {"mark":"watermark","ts":17}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":2,"ts":17,"key":"a","window":{"start":0,"end":18},"pane":"final","payload":{"s":5}}
> {"topic":"window","partition":0,"offset":3,"ts":24,"key":"b","window":{"start":15,"end":25},"pane":"retract","payload":{"s":2}}
> {"topic":"window","partition":0,"offset":4,"ts":31,"key":"b","window":{"start":15,"end":32},"pane":"early","payload":{"s":10}}
< {"mark":"watermark","ts":40}
> {"topic":"window","partition":0,"offset":5,"ts":31,"key":"b","window":{"start":15,"end":32},"pane":"final","payload":{"s":10}}

== a gap of each record's own
: session --gap-path .gap -a n=count
< {"ts":0,"key":"a","payload":{"gap":10}}
< {"ts":10,"key":"a","payload":{"gap":"5ms"}}
< {"ts":16,"key":"a","payload":{"gap":"1ms"}}
< {"ts":0,"key":"b","payload":{"gap":100}}
< {"ts":50,"key":"b","payload":{"gap":1}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":14,"key":"a","window":{"start":0,"end":15},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":1,"ts":16,"key":"a","window":{"start":16,"end":17},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":99,"key":"b","window":{"start":0,"end":100},"payload":{"n":2}}

== no gap is a bad record
: session --gap-path .gap -a n=count
< {"ts":0,"key":"a","payload":{"gap":0}}
! .gap is no gap: milliseconds or a duration such as "30m", more than 0
< {"ts":0,"key":"a","payload":{"gap":-1}}
! .gap is no gap: milliseconds or a duration such as "30m", more than 0
< {"ts":0,"key":"a","payload":{"gap":"soon"}}
! .gap is no gap: milliseconds or a duration such as "30m", more than 0
< {"ts":0,"key":"a","payload":{"gap":1.5}}
! .gap is no gap: milliseconds or a duration such as "30m", more than 0
< {"ts":0,"key":"a","payload":{"gap":"5ms\u0000"}}
! .gap is no gap: milliseconds or a duration such as "30m", more than 0
< {"ts":0,"key":"a","payload":{}}
! .gap is no gap: milliseconds or a duration such as "30m", more than 0
< {"ts":0,"key":"a","payload":{"gap":"1h"}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":3599999,"key":"a","window":{"start":0,"end":3600000},"payload":{"n":1}}

== the null key is a group of its own, --global makes one of all
: session 10ms --global -a n=count
< {"ts":0,"key":"a","payload":{}}
< {"ts":9,"key":"b","payload":{}}
< {"ts":18,"key":null,"payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":27,"key":null,"window":{"start":0,"end":28},"payload":{"n":3}}


# lateness

== late when the end is at or below the watermark
: 10ms -a n=count
< {"ts":5,"key":"a","payload":{}}
< {"mark":"watermark","ts":9}
< {"ts":0,"key":"a","payload":{}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":2}}
< {"ts":9,"key":"a","payload":{}}
! late 0ms
< {"ts":0,"key":"a","payload":{}}
! late 0ms
< {"ts":10,"key":"a","payload":{}}
< {"mark":"watermark","ts":25}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":10,"end":20},"payload":{"n":1}}
< {"ts":10,"key":"a","payload":{}}
! late 5ms
< {"ts":19,"key":"a","payload":{}}
! late 5ms
< {"ts":20,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":29,"key":"a","window":{"start":20,"end":30},"payload":{"n":1}}

== at the end of input all is late
: 10ms -a n=count
< {"ts":5,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":1}}
< {"ts":1000000,"key":"a","payload":{}}
! late 9223372036853775797ms

== allowed lateness fires again, at once, whole, that key only
: 10ms --allowed-lateness 10ms -a n=count -a 's=sum(.v)'
< {"ts":1,"key":"a","payload":{"v":1}}
< {"ts":2,"key":"b","payload":{"v":2}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"n":1,"s":1}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"b","window":{"start":0,"end":10},"pane":"final","payload":{"n":1,"s":2}}
< {"ts":3,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"n":2,"s":5}}
< {"ts":3,"key":"a","payload":{"v":8}}
> {"topic":"window","partition":0,"offset":3,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"n":3,"s":13}}
< {"mark":"watermark","ts":19}
< {"ts":4,"key":"b","payload":{"v":16}}
> {"topic":"window","partition":0,"offset":4,"ts":9,"key":"b","window":{"start":0,"end":10},"pane":"late","payload":{"n":2,"s":18}}
< {"mark":"watermark","ts":20}
< {"ts":4,"key":"b","payload":{"v":32}}
! late 10ms
< {"mark":"watermark","ts":"max"}

== a key that first appears after the window fired
: 10ms --allowed-lateness 10ms -a n=count
< {"ts":1,"key":"a","payload":{}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"n":1}}
< {"ts":2,"key":"new","payload":{}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"new","window":{"start":0,"end":10},"pane":"late","payload":{"n":1}}
< {"ts":2,"key":"a","payload":{}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"n":2}}
< {"ts":3,"key":"new","payload":{}}
> {"topic":"window","partition":0,"offset":3,"ts":9,"key":"new","window":{"start":0,"end":10},"pane":"late","payload":{"n":2}}
< {"mark":"watermark","ts":"max"}

== a window whose first record is late but allowed
: 10ms --allowed-lateness 100ms -a n=count
< {"mark":"watermark","ts":50}
< {"ts":5,"key":"a","payload":{}}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"n":1}}
< {"ts":45,"key":"b","payload":{}}
> {"topic":"window","partition":0,"offset":1,"ts":49,"key":"b","window":{"start":40,"end":50},"pane":"late","payload":{"n":1}}
< {"ts":6,"key":"a","payload":{}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"n":2}}
< {"mark":"watermark","ts":105}
< {"ts":6,"key":"a","payload":{}}
> {"topic":"window","partition":0,"offset":3,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"n":3}}
< {"ts":6,"key":"c","payload":{}}
> {"topic":"window","partition":0,"offset":4,"ts":9,"key":"c","window":{"start":0,"end":10},"pane":"late","payload":{"n":1}}
< {"mark":"watermark","ts":110}
< {"ts":6,"key":"a","payload":{}}
! late 100ms
< {"ts":45,"key":"b","payload":{}}
> {"topic":"window","partition":0,"offset":5,"ts":49,"key":"b","window":{"start":40,"end":50},"pane":"late","payload":{"n":2}}
< {"mark":"watermark","ts":"max"}

== final and late side by side while watermarks go on
: 10ms --allowed-lateness 25ms -a n=count
< {"ts":1,"key":"a","payload":{}}
< {"ts":11,"key":"a","payload":{}}
< {"ts":21,"key":"a","payload":{}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"n":1}}
< {"ts":2,"key":"a","payload":{}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"n":2}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":2,"ts":19,"key":"a","window":{"start":10,"end":20},"pane":"final","payload":{"n":1}}
< {"ts":3,"key":"a","payload":{}}
> {"topic":"window","partition":0,"offset":3,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"n":3}}
< {"ts":12,"key":"a","payload":{}}
> {"topic":"window","partition":0,"offset":4,"ts":19,"key":"a","window":{"start":10,"end":20},"pane":"late","payload":{"n":2}}
< {"mark":"watermark","ts":30}
> {"topic":"window","partition":0,"offset":5,"ts":29,"key":"a","window":{"start":20,"end":30},"pane":"final","payload":{"n":1}}
< {"ts":4,"key":"b","payload":{}}
> {"topic":"window","partition":0,"offset":6,"ts":9,"key":"b","window":{"start":0,"end":10},"pane":"late","payload":{"n":1}}
< {"mark":"watermark","ts":35}
< {"ts":4,"key":"b","payload":{}}
! late 25ms
< {"ts":13,"key":"b","payload":{}}
> {"topic":"window","partition":0,"offset":7,"ts":19,"key":"b","window":{"start":10,"end":20},"pane":"late","payload":{"n":1}}
< {"mark":"watermark","ts":45}
< {"ts":14,"key":"b","payload":{}}
! late 25ms
< {"ts":22,"key":"b","payload":{}}
> {"topic":"window","partition":0,"offset":8,"ts":29,"key":"b","window":{"start":20,"end":30},"pane":"late","payload":{"n":1}}
< {"mark":"watermark","ts":"max"}

== a jump past fire and forget at once still gives the final
: 10ms --allowed-lateness 10ms -a n=count
< {"ts":1,"key":"a","payload":{}}
< {"mark":"watermark","ts":1000}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"n":1}}
< {"ts":1,"key":"a","payload":{}}
! late 990ms

== how late it is, to the millisecond
: 10ms --allowed-lateness 5ms -a n=count
< {"mark":"watermark","ts":15}
< {"ts":9,"key":"a","payload":{}}
! late 5ms
< {"mark":"watermark","ts":16}
< {"ts":9,"key":"a","payload":{}}
! late 6ms
< {"mark":"watermark","ts":1000}
< {"ts":9,"key":"a","payload":{}}
! late 990ms
< {"ts":-9223372036854775808,"key":"a","payload":{}}
! late 9223372036854775807ms

== lateness with min, max and mean fires the whole content
: 10ms --allowed-lateness 1s -a 'lo=min(.v)' -a 'hi=max(.v)' -a 'avg=mean(.v)'
< {"ts":1,"key":"a","payload":{"v":5}}
< {"mark":"watermark","ts":10}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"final","payload":{"lo":5,"hi":5,"avg":5}}
< {"ts":1,"key":"a","payload":{"v":2}}
> {"topic":"window","partition":0,"offset":1,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"lo":2,"hi":5,"avg":3.5}}
< {"ts":1,"key":"a","payload":{"v":9.50}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"lo":2,"hi":9.50,"avg":5.5}}
< {"ts":1,"key":"a","payload":{"v":null}}
> {"topic":"window","partition":0,"offset":3,"ts":9,"key":"a","window":{"start":0,"end":10},"pane":"late","payload":{"lo":2,"hi":9.50,"avg":5.5}}
< {"ts":1,"key":"b","payload":{}}
> {"topic":"window","partition":0,"offset":4,"ts":9,"key":"b","window":{"start":0,"end":10},"pane":"late","payload":{"lo":null,"hi":null,"avg":null}}
< {"mark":"watermark","ts":"max"}

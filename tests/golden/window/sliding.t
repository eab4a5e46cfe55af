# sliding windows

== a record is in every window that holds it
: sliding 30ms 10ms -a 's=sum(.v)'
< {"ts":25,"key":"a","payload":{"v":1}}
< {"ts":35,"key":"a","payload":{"v":2}}
< {"mark":"watermark","ts":30}
> {"topic":"window","partition":0,"offset":0,"ts":29,"key":"a","window":{"start":0,"end":30},"payload":{"s":1}}
< {"mark":"watermark","ts":40}
> {"topic":"window","partition":0,"offset":1,"ts":39,"key":"a","window":{"start":10,"end":40},"payload":{"s":3}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":49,"key":"a","window":{"start":20,"end":50},"payload":{"s":3}}
> {"topic":"window","partition":0,"offset":3,"ts":59,"key":"a","window":{"start":30,"end":60},"payload":{"s":2}}

== a step that does not divide the size
: sliding 25ms 10ms -a 's=sum(.v)'
< {"ts":4,"key":"a","payload":{"v":1}}
< {"ts":5,"key":"a","payload":{"v":2}}
< {"ts":14,"key":"a","payload":{"v":4}}
< {"ts":15,"key":"a","payload":{"v":8}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":4,"key":"a","window":{"start":-20,"end":5},"payload":{"s":1}}
> {"topic":"window","partition":0,"offset":1,"ts":14,"key":"a","window":{"start":-10,"end":15},"payload":{"s":7}}
> {"topic":"window","partition":0,"offset":2,"ts":24,"key":"a","window":{"start":0,"end":25},"payload":{"s":15}}
> {"topic":"window","partition":0,"offset":3,"ts":34,"key":"a","window":{"start":10,"end":35},"payload":{"s":12}}

== between windows a record is counted, not late
: sliding 10ms 25ms -a n=count
< {"ts":0,"key":"a","payload":{}}
< {"ts":9,"key":"a","payload":{}}
< {"ts":10,"key":"a","payload":{}}
! between windows
< {"ts":24,"key":"a","payload":{}}
! between windows
< {"ts":25,"key":"a","payload":{}}
< {"mark":"watermark","ts":100}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":0,"end":10},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":1,"ts":34,"key":"a","window":{"start":25,"end":35},"payload":{"n":1}}
< {"ts":60,"key":"a","payload":{}}
! between windows
< {"ts":59,"key":"a","payload":{}}
! late 40ms
< {"ts":100,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":109,"key":"a","window":{"start":100,"end":110},"payload":{"n":1}}

== by end, then by the key's first appearance in that window
: sliding 20ms 10ms -a n=count
< {"ts":15,"key":"b","payload":{}}
< {"ts":5,"key":"a","payload":{}}
< {"ts":15,"key":"a","payload":{}}
< {"ts":25,"key":"c","payload":{}}
< {"ts":25,"key":"b","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":-10,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"b","window":{"start":0,"end":20},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":2,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":3,"ts":29,"key":"b","window":{"start":10,"end":30},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":4,"ts":29,"key":"a","window":{"start":10,"end":30},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":5,"ts":29,"key":"c","window":{"start":10,"end":30},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":6,"ts":39,"key":"c","window":{"start":20,"end":40},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":7,"ts":39,"key":"b","window":{"start":20,"end":40},"payload":{"n":1}}

== late is who is late for all its windows
: sliding 20ms 10ms -a 's=sum(.v)'
< {"ts":5,"key":"a","payload":{"v":1}}
< {"ts":15,"key":"a","payload":{"v":2}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":-10,"end":10},"payload":{"s":1}}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"s":3}}
< {"ts":5,"key":"a","payload":{"v":4}}
! late 0ms
< {"ts":19,"key":"a","payload":{"v":8}}
< {"mark":"watermark","ts":29}
< {"ts":10,"key":"a","payload":{"v":16}}
< {"mark":"watermark","ts":30}
> {"topic":"window","partition":0,"offset":2,"ts":29,"key":"a","window":{"start":10,"end":30},"payload":{"s":26}}
< {"ts":15,"key":"a","payload":{"v":32}}
! late 0ms
< {"mark":"watermark","ts":"max"}

== with allowed lateness a record fires the windows that have closed
: sliding 20ms 10ms --allowed-lateness 10ms -a 's=sum(.v)'
< {"ts":15,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":0,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"final","payload":{"s":1}}
< {"ts":15,"key":"a","payload":{"v":2}}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"late","payload":{"s":3}}
< {"mark":"watermark","ts":30}
> {"topic":"window","partition":0,"offset":2,"ts":29,"key":"a","window":{"start":10,"end":30},"pane":"final","payload":{"s":3}}
< {"ts":15,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":3,"ts":29,"key":"a","window":{"start":10,"end":30},"pane":"late","payload":{"s":7}}
< {"ts":5,"key":"a","payload":{"v":8}}
! late 10ms
< {"mark":"watermark","ts":39}
< {"ts":15,"key":"a","payload":{"v":16}}
> {"topic":"window","partition":0,"offset":4,"ts":29,"key":"a","window":{"start":10,"end":30},"pane":"late","payload":{"s":23}}
< {"mark":"watermark","ts":40}
< {"ts":15,"key":"a","payload":{"v":32}}
! late 10ms
< {"mark":"watermark","ts":"max"}

== offsets of either sign, negative times
: sliding 20ms 10ms --offset -3ms -a n=count
< {"ts":-4,"key":"a","payload":{}}
< {"ts":-3,"key":"a","payload":{}}
< {"ts":7,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":-4,"key":"a","window":{"start":-23,"end":-3},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":6,"key":"a","window":{"start":-13,"end":7},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":2,"ts":16,"key":"a","window":{"start":-3,"end":17},"payload":{"n":2}}
> {"topic":"window","partition":0,"offset":3,"ts":26,"key":"a","window":{"start":7,"end":27},"payload":{"n":1}}

== a jump over many empty windows
: sliding 20ms 10ms -a n=count
< {"ts":5,"key":"a","payload":{}}
< {"mark":"watermark","ts":900000000000000000}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":-10,"end":10},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":0,"end":20},"payload":{"n":1}}
< {"ts":900000000000000005,"key":"a","payload":{}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":2,"ts":900000000000000009,"key":"a","window":{"start":899999999999999990,"end":900000000000000010},"payload":{"n":1}}
> {"topic":"window","partition":0,"offset":3,"ts":900000000000000019,"key":"a","window":{"start":900000000000000000,"end":900000000000000020},"payload":{"n":1}}

== the value of each key over its panes, smallest and greatest too
: sliding 30ms 10ms -a 'lo=min(.v)' -a 'hi=max(.v)' -a 'm=mean(.v)'
< {"ts":1,"key":"a","payload":{"v":5}}
< {"ts":11,"key":"a","payload":{"v":1.0}}
< {"ts":21,"key":"a","payload":{"v":9}}
< {"ts":12,"key":"b","payload":{"v":7}}
< {"ts":22,"key":"b","payload":{"v":null}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":-20,"end":10},"payload":{"lo":5,"hi":5,"m":5}}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":-10,"end":20},"payload":{"lo":1.0,"hi":5,"m":3}}
> {"topic":"window","partition":0,"offset":2,"ts":19,"key":"b","window":{"start":-10,"end":20},"payload":{"lo":7,"hi":7,"m":7}}
> {"topic":"window","partition":0,"offset":3,"ts":29,"key":"a","window":{"start":0,"end":30},"payload":{"lo":1.0,"hi":9,"m":5}}
> {"topic":"window","partition":0,"offset":4,"ts":29,"key":"b","window":{"start":0,"end":30},"payload":{"lo":7,"hi":7,"m":7}}
> {"topic":"window","partition":0,"offset":5,"ts":39,"key":"a","window":{"start":10,"end":40},"payload":{"lo":1.0,"hi":9,"m":5}}
> {"topic":"window","partition":0,"offset":6,"ts":39,"key":"b","window":{"start":10,"end":40},"payload":{"lo":7,"hi":7,"m":7}}
> {"topic":"window","partition":0,"offset":7,"ts":49,"key":"a","window":{"start":20,"end":50},"payload":{"lo":9,"hi":9,"m":9}}
> {"topic":"window","partition":0,"offset":8,"ts":49,"key":"b","window":{"start":20,"end":50},"payload":{"lo":null,"hi":null,"m":null}}

== updates: one for each window that holds the record
: sliding 20ms 10ms --emit updates -a 's=sum(.v)'
< {"ts":15,"key":"a","payload":{"v":1}}
> {"topic":"window","partition":0,"offset":0,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"early","payload":{"s":1}}
> {"topic":"window","partition":0,"offset":1,"ts":29,"key":"a","window":{"start":10,"end":30},"pane":"early","payload":{"s":1}}
< {"ts":5,"key":"a","payload":{"v":2}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":-10,"end":10},"pane":"early","payload":{"s":2}}
> {"topic":"window","partition":0,"offset":3,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"early","payload":{"s":3}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":4,"ts":9,"key":"a","window":{"start":-10,"end":10},"pane":"final","payload":{"s":2}}
> {"topic":"window","partition":0,"offset":5,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"final","payload":{"s":3}}
< {"ts":16,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":6,"ts":29,"key":"a","window":{"start":10,"end":30},"pane":"early","payload":{"s":5}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":7,"ts":29,"key":"a","window":{"start":10,"end":30},"pane":"final","payload":{"s":5}}

== updates, only what is new
: sliding 20ms 10ms --emit updates --discarding -a 's=sum(.v)' -a n=count
< {"ts":15,"key":"a","payload":{"v":1}}
> {"topic":"window","partition":0,"offset":0,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"early","payload":{"s":1,"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":29,"key":"a","window":{"start":10,"end":30},"pane":"early","payload":{"s":1,"n":1}}
< {"ts":5,"key":"a","payload":{"v":2}}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":-10,"end":10},"pane":"early","payload":{"s":2,"n":1}}
> {"topic":"window","partition":0,"offset":3,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"early","payload":{"s":2,"n":1}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":4,"ts":9,"key":"a","window":{"start":-10,"end":10},"pane":"final","payload":{"s":null,"n":0}}
> {"topic":"window","partition":0,"offset":5,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"final","payload":{"s":null,"n":0}}
< {"ts":16,"key":"a","payload":{"v":4}}
> {"topic":"window","partition":0,"offset":6,"ts":29,"key":"a","window":{"start":10,"end":30},"pane":"early","payload":{"s":4,"n":1}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":7,"ts":29,"key":"a","window":{"start":10,"end":30},"pane":"final","payload":{"s":null,"n":0}}

== every: what changed, where the watermark passes a multiple
: sliding 20ms 10ms --emit every:7ms -a 's=sum(.v)'
< {"mark":"watermark","ts":0}
< {"ts":5,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":6}
< {"mark":"watermark","ts":7}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":-10,"end":10},"pane":"early","payload":{"s":1}}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"early","payload":{"s":1}}
< {"mark":"watermark","ts":14}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":-10,"end":10},"pane":"final","payload":{"s":1}}
< {"ts":15,"key":"b","payload":{"v":2}}
< {"ts":6,"key":"a","payload":{"v":4}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":3,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"final","payload":{"s":5}}
> {"topic":"window","partition":0,"offset":4,"ts":19,"key":"b","window":{"start":0,"end":20},"pane":"final","payload":{"s":2}}
< {"mark":"watermark","ts":21}
> {"topic":"window","partition":0,"offset":5,"ts":29,"key":"b","window":{"start":10,"end":30},"pane":"early","payload":{"s":2}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":6,"ts":29,"key":"b","window":{"start":10,"end":30},"pane":"final","payload":{"s":2}}

== every, only what is new
: sliding 20ms 10ms --emit every:7ms --discarding -a 's=sum(.v)' -a n=count
< {"mark":"watermark","ts":0}
< {"ts":5,"key":"a","payload":{"v":1}}
< {"mark":"watermark","ts":7}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":-10,"end":10},"pane":"early","payload":{"s":1,"n":1}}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"early","payload":{"s":1,"n":1}}
< {"ts":6,"key":"a","payload":{"v":2}}
< {"mark":"watermark","ts":14}
> {"topic":"window","partition":0,"offset":2,"ts":9,"key":"a","window":{"start":-10,"end":10},"pane":"final","payload":{"s":2,"n":1}}
> {"topic":"window","partition":0,"offset":3,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"early","payload":{"s":2,"n":1}}
< {"ts":7,"key":"a","payload":{"v":4}}
< {"mark":"watermark","ts":20}
> {"topic":"window","partition":0,"offset":4,"ts":19,"key":"a","window":{"start":0,"end":20},"pane":"final","payload":{"s":4,"n":1}}
< {"mark":"watermark","ts":"max"}


== a record behind the watermark is in the windows that are open, however their panes have been added up
: sliding 40ms 10ms -a 'c=collect(.v)' -a 'f=first(.v)' -a 'l=last(.v)' -a 'hi=max(.v)' -a 'j=concat(.s)'
< {"ts":1,"key":"a","payload":{"v":1,"s":"p"}}
< {"ts":11,"key":"b","payload":{"v":2,"s":"q"}}
< {"ts":21,"key":"a","payload":{"v":3,"s":"r"}}
< {"mark":"watermark","ts":30}
> {"topic":"window","partition":0,"offset":0,"ts":9,"key":"a","window":{"start":-30,"end":10},"payload":{"c":[1],"f":1,"l":1,"hi":1,"j":"p"}}
> {"topic":"window","partition":0,"offset":1,"ts":19,"key":"a","window":{"start":-20,"end":20},"payload":{"c":[1],"f":1,"l":1,"hi":1,"j":"p"}}
> {"topic":"window","partition":0,"offset":2,"ts":19,"key":"b","window":{"start":-20,"end":20},"payload":{"c":[2],"f":2,"l":2,"hi":2,"j":"q"}}
> {"topic":"window","partition":0,"offset":3,"ts":29,"key":"a","window":{"start":-10,"end":30},"payload":{"c":[1,3],"f":1,"l":3,"hi":3,"j":"p,r"}}
> {"topic":"window","partition":0,"offset":4,"ts":29,"key":"b","window":{"start":-10,"end":30},"payload":{"c":[2],"f":2,"l":2,"hi":2,"j":"q"}}
# one for a pane that has the key, one for a pane that has it not, one for a key that is new, one for a pane that is
< {"ts":20,"key":"a","payload":{"v":4,"s":"s"}}
< {"ts":12,"key":"a","payload":{"v":9,"s":"t"}}
< {"ts":2,"key":"c","payload":{"v":5,"s":"u"}}
< {"ts":31,"key":"c","payload":{"v":6,"s":"v"}}
< {"mark":"watermark","ts":40}
> {"topic":"window","partition":0,"offset":5,"ts":39,"key":"a","window":{"start":0,"end":40},"payload":{"c":[1,3,4,9],"f":1,"l":3,"hi":9,"j":"p,r,s,t"}}
> {"topic":"window","partition":0,"offset":6,"ts":39,"key":"b","window":{"start":0,"end":40},"payload":{"c":[2],"f":2,"l":2,"hi":2,"j":"q"}}
> {"topic":"window","partition":0,"offset":7,"ts":39,"key":"c","window":{"start":0,"end":40},"payload":{"c":[5,6],"f":5,"l":6,"hi":6,"j":"u,v"}}
< {"ts":39,"key":"b","payload":{"v":7,"s":"w"}}
< {"ts":15,"key":"a","payload":{"v":0,"s":"x"}}
< {"mark":"watermark","ts":"max"}
> {"topic":"window","partition":0,"offset":8,"ts":49,"key":"b","window":{"start":10,"end":50},"payload":{"c":[2,7],"f":2,"l":7,"hi":7,"j":"q,w"}}
> {"topic":"window","partition":0,"offset":9,"ts":49,"key":"a","window":{"start":10,"end":50},"payload":{"c":[3,4,9,0],"f":9,"l":3,"hi":9,"j":"r,s,t,x"}}
> {"topic":"window","partition":0,"offset":10,"ts":49,"key":"c","window":{"start":10,"end":50},"payload":{"c":[6],"f":6,"l":6,"hi":6,"j":"v"}}
> {"topic":"window","partition":0,"offset":11,"ts":59,"key":"a","window":{"start":20,"end":60},"payload":{"c":[3,4],"f":4,"l":3,"hi":4,"j":"r,s"}}
> {"topic":"window","partition":0,"offset":12,"ts":59,"key":"c","window":{"start":20,"end":60},"payload":{"c":[6],"f":6,"l":6,"hi":6,"j":"v"}}
> {"topic":"window","partition":0,"offset":13,"ts":59,"key":"b","window":{"start":20,"end":60},"payload":{"c":[7],"f":7,"l":7,"hi":7,"j":"w"}}
> {"topic":"window","partition":0,"offset":14,"ts":69,"key":"c","window":{"start":30,"end":70},"payload":{"c":[6],"f":6,"l":6,"hi":6,"j":"v"}}
> {"topic":"window","partition":0,"offset":15,"ts":69,"key":"b","window":{"start":30,"end":70},"payload":{"c":[7],"f":7,"l":7,"hi":7,"j":"w"}}

# the first record of an id passes at once

== once and for all, whatever the time
:
< {"ts":5,"key":"a","payload":{"n":1}}
> {"ts":5,"key":"a","payload":{"n":1}}
< {"ts":1,"key":"b","payload":{"n":2}}
> {"ts":1,"key":"b","payload":{"n":2}}
< {"ts":5,"key":"a","payload":{"n":3}}
+ {"ts":5,"key":"a","payload":{"n":3}}
< {"mark":"watermark","ts":1000}
< {"ts":0,"key":"a","payload":{"n":4}}
+ {"ts":0,"key":"a","payload":{"n":4}}
< {"ts":0,"key":"c","payload":{"n":5}}
> {"ts":0,"key":"c","payload":{"n":5}}
< {"mark":"watermark","ts":"max"}

== no time is needed
:
< {"key":"a","payload":1}
> {"key":"a","payload":1}
< {"key":"a","payload":1}
+ {"key":"a","payload":1}

== lines that pass are the bytes that came
:
< {"payload" : {"n":1.10}, "more":[1, 2],"key":"a"}
> {"payload" : {"n":1.10}, "more":[1, 2],"key":"a"}

== without an id a record passes each time
:
< {"key":null,"payload":1}
> {"key":null,"payload":1}
< {"key":null,"payload":1}
> {"key":null,"payload":1}
< {"payload":1}
> {"payload":1}
< {"key":"","payload":1}
> {"key":"","payload":1}
< {"key":"","payload":2}
+ {"key":"","payload":2}

== keys are equal if their bytes are
:
< {"key":"caf\u00e9","payload":1}
> {"key":"caf\u00e9","payload":1}
< {"key":"café","payload":2}
+ {"key":"café","payload":2}
< {"key_base64":"Y2Fmw6k=","payload":3}
+ {"key_base64":"Y2Fmw6k=","payload":3}

== a path, into the payload or the record
: --by .id
< {"payload":{"id":"x"}}
> {"payload":{"id":"x"}}
< {"payload":{"id":"\u0078"}}
+ {"payload":{"id":"\u0078"}}
< {"payload":{"id":1}}
> {"payload":{"id":1}}
< {"payload":{"id":"1"}}
+ {"payload":{"id":"1"}}
< {"payload":{"id":1.0}}
> {"payload":{"id":1.0}}
< {"payload":{"id":true}}
> {"payload":{"id":true}}
< {"payload":{"id":null}}
> {"payload":{"id":null}}
< {"payload":{}}
> {"payload":{}}
< {"payload":{"id":{"a":1}}}
! .id is an object: no id
< {"payload":{"id":[1]}}
! .id is an array: no id
< {"payload":{"id":"x","n":2}}
+ {"payload":{"id":"x","n":2}}

== several paths are one id; all of them null are none
: --by .a --by $.headers[0].value
< {"headers":[{"key":"h","value":"1"}],"payload":{"a":"x"}}
> {"headers":[{"key":"h","value":"1"}],"payload":{"a":"x"}}
< {"headers":[{"key":"g","value":"1"}],"payload":{"a":"x"}}
+ {"headers":[{"key":"g","value":"1"}],"payload":{"a":"x"}}
< {"headers":[{"key":"g","value":""}],"payload":{"a":"x1"}}
> {"headers":[{"key":"g","value":""}],"payload":{"a":"x1"}}
< {"headers":[{"key":"g","value":1}],"payload":{"a":"x"}}
> {"headers":[{"key":"g","value":1}],"payload":{"a":"x"}}
< {"payload":{"a":"x"}}
> {"payload":{"a":"x"}}
< {"payload":{"a":"x","b":null}}
+ {"payload":{"a":"x","b":null}}
< {"payload":{}}
> {"payload":{}}
< {"payload":{}}
> {"payload":{}}

== by where a record comes from
: --by-id
< {"topic":"t","partition":0,"offset":1,"payload":1}
> {"topic":"t","partition":0,"offset":1,"payload":1}
< {"topic":"t","partition":1,"offset":1,"payload":1}
> {"topic":"t","partition":1,"offset":1,"payload":1}
< {"topic":"t","partition":0,"offset":1,"key":"k","payload":2}
+ {"topic":"t","partition":0,"offset":1,"key":"k","payload":2}
< {"payload":1}
> {"payload":1}
< {"payload":1}
> {"payload":1}

== bare lines leave in an envelope
: -t .at -k .k
< {"at":5,"k":"a"}
> {"topic":"input","partition":0,"offset":0,"ts":5000,"key":"a","payload":{"at":5,"k":"a"}}
< {"at":6,"k":"a"}
+ {"topic":"input","partition":0,"offset":0,"ts":6000,"key":"a","payload":{"at":6,"k":"a"}}

== a retraction cannot be taken back downstream
:
< {"key":"a","pane":"retract","payload":1}
! retraction: upstream must emit final
< {"key":"a","pane":"final","payload":1}
> {"key":"a","pane":"final","payload":1}

# in what order records leave, and when

== what is before the watermark leaves, by time
:
< {"ts":30,"key":"a","payload":1}
< {"ts":10,"key":"b","payload":2}
< {"ts":20,"key":"c","payload":3}
< {"mark":"watermark","ts":10}
< {"mark":"watermark","ts":21}
> {"ts":10,"key":"b","payload":2}
> {"ts":20,"key":"c","payload":3}
< {"mark":"watermark","ts":"max"}
> {"ts":30,"key":"a","payload":1}

== ties leave as they came
:
< {"ts":5,"payload":"first"}
< {"ts":7,"payload":"later"}
< {"ts":5,"payload":"second"}
< {"ts":3,"payload":"earlier"}
< {"ts":5,"payload":"third"}
< {"ts":7,"payload":"last"}
< {"mark":"watermark","ts":6}
> {"ts":3,"payload":"earlier"}
> {"ts":5,"payload":"first"}
> {"ts":5,"payload":"second"}
> {"ts":5,"payload":"third"}
< {"mark":"watermark","ts":"max"}
> {"ts":7,"payload":"later"}
> {"ts":7,"payload":"last"}

== bytes stay as they are: order of members, numbers, blanks inside, members nobody knows
:
< { "payload" : {"v":1.10,"v":9007199254740993}, "ts" : 2, "extra":[1, 2] }
< {"topic":"t","partition":1,"offset":7,"ts":1,"key":null,"headers":[{"key":"h","value":null}],"payload":null}
< {"ts":1,"key_base64":"/w==","payload_base64":"/w=="}
< {"mark":"watermark","ts":"max"}
> {"topic":"t","partition":1,"offset":7,"ts":1,"key":null,"headers":[{"key":"h","value":null}],"payload":null}
> {"ts":1,"key_base64":"/w==","payload_base64":"/w=="}
> { "payload" : {"v":1.10,"v":9007199254740993}, "ts" : 2, "extra":[1, 2] }

== negative times, and the ends of time
:
< {"ts":0,"payload":"zero"}
< {"ts":-1,"payload":"before"}
< {"ts":9223372036854775807,"payload":"never"}
< {"ts":-62135596800000,"payload":"long ago"}
< {"mark":"watermark","ts":-1}
> {"ts":-62135596800000,"payload":"long ago"}
< {"mark":"watermark","ts":0}
> {"ts":-1,"payload":"before"}
< {"mark":"watermark","ts":"max"}
> {"ts":0,"payload":"zero"}
> {"ts":9223372036854775807,"payload":"never"}

== a watermark that does not go on changes nothing
:
< {"ts":5,"payload":1}
< {"mark":"watermark","ts":5}
< {"mark":"watermark","ts":5}
< {"mark":"watermark","ts":4}
< {"ts":5,"payload":2}
< {"mark":"watermark","ts":6}
> {"ts":5,"payload":1}
> {"ts":5,"payload":2}

== backwards
:
< {"ts":9,"payload":1}
< {"ts":8,"payload":2}
< {"ts":7,"payload":3}
< {"ts":7,"payload":4}
< {"ts":8,"payload":5}
< {"ts":6,"payload":6}
< {"mark":"watermark","ts":8}
> {"ts":6,"payload":6}
> {"ts":7,"payload":3}
> {"ts":7,"payload":4}
< {"ts":8,"payload":7}
< {"mark":"watermark","ts":"max"}
> {"ts":8,"payload":2}
> {"ts":8,"payload":5}
> {"ts":8,"payload":7}
> {"ts":9,"payload":1}

== bare lines leave in the envelope
: -t .at -k .k
< {"at":7,"k":"x","v":1.50}
< {"at":5,"k":null}
< {"mark":"watermark","ts":6000}
> {"topic":"input","partition":0,"offset":0,"ts":5000,"key":null,"payload":{"at":5,"k":null}}
< {"mark":"watermark","ts":"max"}
> {"topic":"input","partition":0,"offset":0,"ts":7000,"key":"x","payload":{"at":7,"k":"x","v":1.50}}

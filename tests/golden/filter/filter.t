# which records go on, and what becomes of them

== a record that passes leaves as its original bytes
: '.v > 1'
< {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":{"v": 1.50 ,"w":"\u00e9"}}
> {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":{"v": 1.50 ,"w":"\u00e9"}}
< {"topic":"t","partition":0,"offset":2,"ts":6,"key":"a","payload":{"v":1.00}}
< {"payload":{"v":2},"more":[1],"ts":7}
> {"payload":{"v":2},"more":[1],"ts":7}

== true is what is neither false nor null; of several outputs one is enough
: '.v[]'
< {"ts":1,"payload":{"v":[false,null]}}
< {"ts":2,"payload":{"v":[]}}
< {"ts":3,"payload":{"v":[false,0]}}
> {"ts":3,"payload":{"v":[false,0]}}

== select, as people write it for jq, is a condition, too
: 'select(.v == "x" and .w > 3)'
< {"ts":1,"payload":{"v":"x","w":4}}
> {"ts":1,"payload":{"v":"x","w":4}}
< {"ts":2,"payload":{"v":"x","w":3}}
< {"ts":3,"payload":{"w":4}}

== 64-bit integers are compared by all their digits
: '.id == 9007199254740993'
< {"ts":1,"payload":{"id":9007199254740992}}
< {"ts":2,"payload":{"id":9007199254740993}}
> {"ts":2,"payload":{"id":9007199254740993}}

== the record around the payload
: '$.topic == "t" and $.key == "a" and $.ts >= 5 and ($.window.end // 9) > 8'
< {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":0}
> {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":0}
< {"topic":"t","partition":0,"offset":2,"ts":4,"key":"a","payload":0}
< {"topic":"t","partition":0,"offset":3,"ts":5,"key":"a","window":{"start":0,"end":8},"payload":0}
< {"topic":"t","partition":0,"offset":4,"ts":5,"key":null,"payload":0}

== an error is a bad record
: '.v.w > 1'
< {"ts":1,"payload":{"v":5}}
! Cannot index number with "w"
< {"ts":2,"payload":{"v":{"w":2}}}
> {"ts":2,"payload":{"v":{"w":2}}}
< {"ts":3,"payload":{"v":null}}

== one output keeps the record's place, time, key and headers
: --map '{v: (.v * 2), old: .v}'
< {"topic":"t","partition":3,"offset":7,"ts":5,"key":"a","headers":[{"key":"h","value":"1"}],"window":{"start":0,"end":6},"payload":{"v":1.50}}
> {"topic":"t","partition":3,"offset":7,"ts":5,"key":"a","headers":[{"key":"h","value":"1"}],"window":{"start":0,"end":6},"payload":{"v":3,"old":1.50}}

== a member dropped, one set, one changed; the others keep their bytes
: --map 'del(.w) | .sum = .v + 1 | .x.y |= length'
< {"topic":"t","partition":0,"offset":1,"ts":5,"payload":{"v":1.50,"w":"gone","x":{"y":"abc","z":"\u00e9"}}}
> {"topic":"t","partition":0,"offset":1,"ts":5,"payload":{"v":1.50,"x":{"y":3,"z":"\u00e9"},"sum":2.5}}

== members that are in another order, or unknown, stay
: --map .v
< {"payload":{"v":[1, 2]},"more":"x","key":"a","ts":5,"offset":1,"partition":0,"topic":"t"}
> {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":[1, 2],"more":"x"}

== several outputs are records of their own, numbered on
: --map '.v[]'
< {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":{"v":[1,2.0]}}
> {"topic":"filter","partition":0,"offset":0,"ts":5,"key":"a","payload":1}
> {"topic":"filter","partition":0,"offset":1,"ts":5,"key":"a","payload":2.0}
< {"topic":"t","partition":0,"offset":2,"ts":6,"key":"a","payload":{"v":[3]}}
> {"topic":"t","partition":0,"offset":2,"ts":6,"key":"a","payload":3}
< {"topic":"t","partition":0,"offset":3,"ts":7,"key":"a","payload":{"v":[]}}
< {"topic":"t","partition":0,"offset":4,"ts":8,"payload":{"v":{"x":null,"y":{}}}}
> {"topic":"filter","partition":0,"offset":2,"ts":8,"payload":null}
> {"topic":"filter","partition":0,"offset":3,"ts":8,"payload":{}}

== --name is the topic of such records
: --name parts --map '.,.'
< {"ts":1,"payload":5}
> {"topic":"parts","partition":0,"offset":0,"ts":1,"payload":5}
> {"topic":"parts","partition":0,"offset":1,"ts":1,"payload":5}

== an error in the middle gives nothing at all, and takes no numbers
: --map '.[] | . + 1'
< {"ts":1,"payload":[1,2,"x"]}
! --map: string ("x") and number (1) cannot be added
< {"ts":2,"payload":[1,2]}
> {"topic":"filter","partition":0,"offset":0,"ts":2,"payload":2}
> {"topic":"filter","partition":0,"offset":1,"ts":2,"payload":3}

== a condition and a map: both see the record as it came
: --where '.v > 1' --map '{w}'
< {"ts":1,"payload":{"v":1,"w":1}}
< {"ts":2,"payload":{"v":2,"w":1}}
> {"ts":2,"payload":{"w":1}}

== a new key: a string's text, another scalar's JSON text, null
: --set-key .k
< {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":{"k":"b\"\u00e9"}}
> {"topic":"t","partition":0,"offset":1,"ts":5,"key":"b\"é","payload":{"k":"b\"\u00e9"}}
< {"topic":"t","partition":0,"offset":2,"ts":5,"payload":{"k":1.50}}
> {"topic":"t","partition":0,"offset":2,"ts":5,"key":"1.50","payload":{"k":1.50}}
< {"topic":"t","partition":0,"offset":3,"ts":5,"key":"a","payload":{}}
> {"topic":"t","partition":0,"offset":3,"ts":5,"key":null,"payload":{}}
< {"topic":"t","partition":0,"offset":4,"ts":5,"key_base64":"/w==","payload":{"k":"","v":1}}
> {"topic":"t","partition":0,"offset":4,"ts":5,"key":"","payload":{"k":"","v":1}}
< {"ts":6,"payload":{"k":[1]}}
! --set-key: an array is no key: see tostring

== a key is one value
: --set-key '.k[]'
< {"ts":6,"payload":{"k":[]}}
! --set-key: gives no value
< {"ts":6,"payload":{"k":[1,2]}}
! --set-key: gives several values
< {"topic":"t","partition":0,"offset":4,"ts":6,"payload":{"k":["x"]}}
> {"topic":"t","partition":0,"offset":4,"ts":6,"key":"x","payload":{"k":["x"]}}

== a key and several payloads
: --set-key '"\(.k)-\($.key)"' --map '.v[]'
< {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":{"k":1,"v":[1,2]}}
> {"topic":"filter","partition":0,"offset":0,"ts":5,"key":"1-a","payload":1}
> {"topic":"filter","partition":0,"offset":1,"ts":5,"key":"1-a","payload":2}

== a payload that is no JSON has nothing to be looked into
: .
< {"ts":5,"key":"a","payload_base64":"/w=="}
! the payload is no JSON

== a tombstone is null
: '. == null'
< {"ts":5,"key":"a","payload":null}
> {"ts":5,"key":"a","payload":null}

== the same records are in the sample at each run, by where they come from
: --sample 0.5
< {"topic":"t","partition":0,"offset":1,"ts":5,"payload":0}
> {"topic":"t","partition":0,"offset":1,"ts":5,"payload":0}
< {"topic":"t","partition":0,"offset":2,"ts":5,"payload":0}
< {"topic":"t","partition":0,"offset":3,"ts":5,"payload":0}
< {"topic":"t","partition":0,"offset":4,"ts":5,"payload":0}
> {"topic":"t","partition":0,"offset":4,"ts":5,"payload":0}
< {"topic":"t","partition":0,"offset":5,"ts":5,"payload":0}
> {"topic":"t","partition":0,"offset":5,"ts":5,"payload":0}
< {"topic":"u","partition":0,"offset":5,"ts":5,"payload":0}
> {"topic":"u","partition":0,"offset":5,"ts":5,"payload":0}
< {"topic":"u","partition":1,"offset":5,"ts":5,"payload":0}

== what our engine does not have libjq runs: as a condition
: '.v | test("^a")'
< {"topic":"t","partition":0,"offset":1,"ts":5,"payload":{"v": "ab" ,"id":9007199254740993}}
> {"topic":"t","partition":0,"offset":1,"ts":5,"payload":{"v": "ab" ,"id":9007199254740993}}
< {"topic":"t","partition":0,"offset":2,"ts":5,"payload":{"v":"b"}}
< {"topic":"t","partition":0,"offset":3,"ts":5,"payload":{"v":1}}
! number (1) cannot be matched, as it is not a string
< {"ts":5,"payload_base64":"/w=="}
! the payload is no JSON

== as payloads, several of them too, with the record around; as a key
: --set-key '$.topic as $t | $t + "x"' --map 'range(.n) as $i | [$i, $.offset, .id]'
< {"topic":"t","partition":0,"offset":1,"ts":5,"payload":{"n":2,"id":9007199254740993}}
> {"topic":"filter","partition":0,"offset":0,"ts":5,"key":"tx","payload":[0,1,9007199254740992]}
> {"topic":"filter","partition":0,"offset":1,"ts":5,"key":"tx","payload":[1,1,9007199254740992]}
< {"topic":"t","partition":0,"offset":2,"ts":5,"payload":{"n":0}}
< {"topic":"t","partition":0,"offset":3,"ts":5,"payload":{"n":"x"}}
! --map: Range bounds must be numeric
< {"topic":"t","partition":0,"offset":4,"ts":5,"payload":{"n":1}}
> {"topic":"t","partition":0,"offset":4,"ts":5,"key":"tx","payload":[0,4,null]}

== headers and windows by $.
: --map '[$.headers[0].value, $.headers[1].key, $.window.start, $.window.n, $.pane, $["key"]]'
< {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","headers":[{"key":"h","value":"1"},{"key":"i","value":null}],"window":{"start":0,"end":6,"n":3},"pane":"early","payload":0}
> {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","headers":[{"key":"h","value":"1"},{"key":"i","value":null}],"window":{"start":0,"end":6,"n":3},"pane":"early","payload":["1","i",0,3,"early","a"]}
< {"topic":"t","partition":0,"offset":2,"ts":5,"payload":0}
> {"topic":"t","partition":0,"offset":2,"ts":5,"payload":[null,null,null,null,null,null]}

== a member set: all other bytes stay
: --set .sum='.v + 1' --set .x.y='"é"'
< {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":{ "v" : 1.50,"id":9007199254740993, "x":{"y":1,"z":"\u00e9"} }}
> {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":{ "v" : 1.50,"id":9007199254740993, "x":{"y":"é","z":"\u00e9"},"sum":2.5 }}
< {"topic":"t","partition":0,"offset":2,"ts":5,"payload":{"v":"x"}}
! --set .sum: string ("x") and number (1) cannot be added
< {"topic":"t","partition":0,"offset":3,"ts":5,"payload":{"v":1,"x":7}}
! --set .x.y: Cannot index number with "y"
< {"topic":"t","partition":0,"offset":4,"ts":5,"payload":null}
> {"topic":"t","partition":0,"offset":4,"ts":5,"payload":{"sum":1,"x":{"y":"é"}}}
< {"ts":5,"payload_base64":"/w=="}
! --set: the payload is no JSON

== each sees what the one before has left; the record around is as it came
: --set .a='.a * 2' --set .b='[.a, $.key, $.offset]' --set .c='.b[0] as $x | $x + $.ts'
< {"topic":"t","partition":0,"offset":1,"ts":5,"key":"k","payload":{"a":3}}
> {"topic":"t","partition":0,"offset":1,"ts":5,"key":"k","payload":{"a":6,"b":[6,"k",1],"c":11}}

== a value is one
: --set '.a=.v[]'
< {"ts":5,"payload":{"v":[]}}
! --set .a: gives no value
< {"ts":5,"payload":{"v":[1,2]}}
! --set .a: gives several values
< {"topic":"t","partition":0,"offset":1,"ts":5,"payload":{"v":[1]}}
> {"topic":"t","partition":0,"offset":1,"ts":5,"payload":{"v":[1],"a":1}}

== picked: original texts, nesting kept
: --pick .id,.x.y --pick '.["k,l"]'
< {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":{"v":1,"x":{"z":0,"y": 1.10},"k,l":[ 1 ],"id":9007199254740993}}
> {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":{"x":{"y": 1.10},"k,l":[ 1 ],"id":9007199254740993}}
< {"topic":"t","partition":0,"offset":2,"ts":5,"payload":{"v":1}}
> {"topic":"t","partition":0,"offset":2,"ts":5,"payload":{}}
< {"topic":"t","partition":0,"offset":3,"ts":5,"payload":null}
> {"topic":"t","partition":0,"offset":3,"ts":5,"payload":null}
< {"topic":"t","partition":0,"offset":4,"ts":5,"payload":5}
! --pick: the payload is no object and no array

== dropped; where nothing is there the line is as it came
: --drop .secret,.user.mail
< {"topic":"t","partition":0,"offset":1,"ts":5,"payload":{"secret":1, "user":{"name":"u","mail":"m"}, "v":1.0}}
> {"topic":"t","partition":0,"offset":1,"ts":5,"payload":{"user":{"name":"u"}, "v":1.0}}
< {"payload":{"v":2,"user":"none"},"more":[1],"ts":7}
> {"payload":{"v":2,"user":"none"},"more":[1],"ts":7}
< {"topic":"t","partition":0,"offset":2,"ts":5,"payload":5}
> {"topic":"t","partition":0,"offset":2,"ts":5,"payload":5}

== in order: condition, key, payloads, set, pick, drop
: --where '.v != null' --set-key .k --map '.v[]' --set .n=1 --set '.m=.n + .a' --pick .m,.b,.a --drop .b.c
< {"topic":"t","partition":0,"offset":1,"ts":5,"key":"a","payload":{"k":"x","v":[{"a":1,"b":{"c":1,"d":2}},{"a":2.0}]}}
> {"topic":"filter","partition":0,"offset":0,"ts":5,"key":"x","payload":{"a":1,"b":{"d":2},"m":2}}
> {"topic":"filter","partition":0,"offset":1,"ts":5,"key":"x","payload":{"a":2.0,"m":3}}
< {"topic":"t","partition":0,"offset":2,"ts":5,"payload":{"k":"x","v":[{"a":1},3]}}
! --set .n: Cannot index number with "n"

/* mixed.pml - a join that reads one of its inputs itself:   A | J(B) | K;  with STAGE:   A | W | J(B) | K
 *
 * The protocol of join.pml; new here: J has the position of B in its own snapshot, cut where A's barriers are; when A's
 * stream is through, nobody says barriers any more, and J does.  W, a stage in front of it, hears nothing of those epochs.
 */
#ifndef NI
#define NI 2
#endif
#ifndef L
#define L 1
#endif
#ifndef EMAX
#define EMAX 2
#endif
#ifndef CAP
#define CAP 1
#endif
#ifndef STOPS
#define STOPS 0
#endif
#ifndef FAILS
#define FAILS 0
#endif
#define TOPA (EMAX+1)         /* A's last epoch */
#define TOP (TOPA+2)          /* J's */
#define BAD 99
#define A_(i) (3*(i))
#define J_(i) (3*(i)+1)
#define K_(i) (3*(i)+2)
#define W_(i) (3*NI+(i))
#ifdef STAGE
#define AOUT(i) q[i]
#define READER(i) W_(i)       /* of A */
#define DEAD_W(i) dead[W_(i)]
#else
#define AOUT(i) PIN(i)
#define READER(i) J_(i)
#define DEAD_W(i) true
#endif
#define PIN(i) p[2*(i)]
#define POUT(i) p[2*(i)+1]
#define DIE :: atomic { true -> goto out }
#define ROOM(ch,reader) (!dead[reader] && nfull(ch))
#define SEND(ch,t,a,b,reader) if :: d_step { ROOM(ch,reader) -> ch!t,a,b } DIE fi

mtype = { HELLO, REC, BAR, END, STOP, FAIL };
byte c_epoch, c_n[2]; bool c_bad;             /* DIR/commit: epoch, token (what the target holds of A and B) */
byte c_run;
byte lk[4], lkrun[3];
bool ss_has[TOP+1]; byte ss_pos[TOP+1], ss_fin[TOP+1];                          /* A's snapshots */
bool js_has[TOP+1], js_db[TOP+1]; byte js_a[TOP+1], js_b[TOP+1], js_fin[TOP+1]; /* J's: state, position of B, is it at its end, last */
#ifdef STAGE
bool ws_has[TOP+1]; byte ws_a[TOP+1], ws_fin[TOP+1];                            /* W's: records of A, last */
chan q[NI] = [CAP] of { mtype, byte, byte };
#endif
bool dead[4*NI], ready;
byte stops, fails;
chan p[2*NI] = [CAP] of { mtype, byte, byte };
inline drain(ch) { do :: nempty(ch) -> ch?_,_,_ :: empty(ch) -> break od }
#define NEWEST(x) k = x; do :: k > 0 && !ss_has[k] -> k-- :: else -> break od

#ifdef SEQ      /* one instance after the other: a supervisor */
#define GONE(i) (dead[A_(i)] && DEAD_W(i) && dead[J_(i)] && dead[K_(i)])
#define BEGIN_ (i == 0 || GONE(i-1))
#else
#define BEGIN_ true
#endif

proctype A(byte i) {
    byte r, n, pos, e, fin, k;
    BEGIN_;
    if :: d_step { lk[0] == 0 -> lk[0] = A_(i)+1 } DIE fi;
    if :: d_step { c_run > lkrun[0] -> r = c_run; n = c_epoch; lkrun[0] = r;
#ifdef M_EXACT
        k = n; assert(ss_has[k]);
#else
        NEWEST(n); assert(ss_has[k] && (k == n || ss_fin[k]));
#endif
        pos = ss_pos[k]; fin = ss_fin[k]; e = n;
        k = n+1; do :: k <= TOP -> ss_has[k] = 0; ss_pos[k] = 0; ss_fin[k] = 0; k++ :: else -> break od;
        k = 0 } DIE fi;
    SEND(AOUT(i), HELLO, r, n, READER(i));
    if :: fin == 2 -> goto bye :: else fi;
    fin = 0;
    do
    :: d_step { pos < L && ROOM(AOUT(i), READER(i)) -> pos++; AOUT(i)!REC,pos,0 }
    DIE
    :: d_step { e + 1 < EMAX -> e++ } goto bar
    :: d_step { e + 1 < EMAX && stops < STOPS -> stops++; fin = 1; e++ } goto bar
    :: d_step { fails < FAILS -> fails++ } SEND(AOUT(i), FAIL, 0, 0, READER(i)); goto out
    :: d_step { pos == L && e < TOPA -> fin = 2; e++ }
bar:
        if :: d_step { ss_has[e] = 1; ss_pos[e] = pos; ss_fin[e] = fin;
            NEWEST(c_epoch); do :: k > 0 -> k--; ss_has[k] = 0; ss_pos[k] = 0; ss_fin[k] = 0 :: else -> break od; k = 0 } DIE fi;
        SEND(AOUT(i), BAR, e, fin, READER(i));
        if :: fin != 0 -> break :: else fi
    od;
bye:
    if
    :: fin == 1 -> SEND(AOUT(i), STOP, 0, 0, READER(i))
    :: else -> SEND(AOUT(i), END, 0, 0, READER(i))
    fi;
out:
    atomic {
        if :: lk[0] == A_(i)+1 -> lk[0] = 0 :: else fi;
        dead[A_(i)] = 1; r = 0; n = 0; pos = 0; e = 0; fin = 0; k = 0
    }
}

#ifdef STAGE
#define NEWEST_W(x) k = x; do :: k > 0 && !ws_has[k] -> k-- :: else -> break od
#define SAVE_W(at, last) \
    d_step { ws_has[at] = 1; ws_a[at] = c; ws_fin[at] = last; \
        NEWEST_W(c_epoch); do :: k > 0 -> k--; ws_has[k] = 0; ws_a[k] = 0; ws_fin[k] = 0 :: else -> break od; k = 0 }

proctype W(byte i) {
    mtype t; byte a, b, r, n, e, c, k, was; bool some;
    BEGIN_;
    if :: d_step { nempty(AOUT(i)) -> AOUT(i)?t,r,n } DIE fi;
    if :: t != HELLO -> goto out :: else fi;
    t = 0;
    if :: d_step { lk[3] == 0 && r > lkrun[2] -> lk[3] = W_(i)+1; lkrun[2] = r;
        NEWEST_W(n); assert(ws_has[k] && (k == n || ws_fin[k]));
        c = ws_a[k]; was = ws_fin[k]; e = n;
        k = n+1; do :: k <= TOP -> ws_has[k] = 0; ws_a[k] = 0; ws_fin[k] = 0; k++ :: else -> break od; k = 0 } DIE fi;
    SEND(PIN(i), HELLO, r, n, J_(i));
    r = 0; n = 0;
    do
    :: d_step { t == 0 && nempty(AOUT(i)) && ROOM(PIN(i), J_(i)) -> AOUT(i)?t,a,b;
        if :: t == REC -> c++; if :: a != c -> a = BAD :: else fi; PIN(i)!REC,a,0; t = 0 :: else fi; a = 0; b = 0 }
    :: t == BAR ->
        if :: d_step { some = 1; e++ } SAVE_W(e, 0) DIE fi;
        SEND(PIN(i), BAR, e, 0, J_(i));
        t = 0
    :: t == END || t == STOP ->
#if !defined(M_NO_LAST) && !defined(M_LAST_LATE)
        if
        :: some || was == 0 -> if :: SAVE_W(e+1, (t == END -> 2 : 1)) DIE fi     /* else it stands there */
        :: else
        fi;
#endif
        SEND(PIN(i), t, 0, 0, J_(i));
#ifdef M_LAST_LATE
        if
        :: some || was == 0 -> if :: SAVE_W(e+1, (t == END -> 2 : 1)) DIE fi
        :: else
        fi;
#endif
        goto out
    :: t == FAIL -> SEND(PIN(i), FAIL, 0, 0, J_(i)); goto out
    DIE
    od;
out:
    atomic {
        if :: lk[3] == W_(i)+1 -> lk[3] = 0 :: else fi;
        dead[W_(i)] = 1; drain(AOUT(i));
        t = 0; a = 0; b = 0; r = 0; n = 0; e = 0; c = 0; k = 0; was = 0; some = 0
    }
}
#endif

/* The snapshot of epoch e: the state and the position of B, which stands behind what was given out. */
#ifdef M_CUT_AHEAD            /* behind what was read */
#define POSITION (c1 + h)
#else
#define POSITION c1
#endif
#define SAVE(last) \
    d_step { e++; js_has[e] = 1; js_a[e] = c0; js_b[e] = POSITION; js_db[e] = db; js_fin[e] = last; \
        k = c_epoch; do :: k > 0 -> k--; js_has[k] = 0; js_a[k] = 0; js_b[k] = 0; js_db[k] = 0; js_fin[k] = 0 :: else -> break od; k = 0 }
#ifdef M_LEAD_EARLY           /* while A still does */
#define LEADS (e + 1 < TOP)
#else
#define LEADS (d0 && e + 1 < TOP)
#endif
#ifdef M_EOF_IS_END
#define EOFS :: atomic { !w0 && !d0 && empty(PIN(i)) && dead[A_(i)] && DEAD_W(i) -> d0 = 1 }
#else
#define EOFS
#endif

proctype J(byte i) {
    mtype t; byte a, b, r, n, e, c0, c1, h, k, fin; bool w0, d0, db, f, over;
    BEGIN_;
    if :: d_step { nempty(PIN(i)) -> PIN(i)?t,r,n } DIE fi;
    if :: t != HELLO -> goto out :: else fi;
    t = 0;
    if :: d_step { lk[1] == 0 && r > lkrun[1] -> lk[1] = J_(i)+1; lkrun[1] = r;
        assert(js_has[n]); c0 = js_a[n]; c1 = js_b[n]; db = js_db[n]; over = (js_fin[n] == 2); e = n;
        k = n+1; do :: k <= TOP -> js_has[k] = 0; js_a[k] = 0; js_b[k] = 0; js_db[k] = 0; js_fin[k] = 0; k++ :: else -> break od; k = 0 } DIE fi;
    SEND(POUT(i), HELLO, r, n, K_(i));
    r = 0; n = 0; fin = 2;
    do
    :: d_step { !f && !w0 && !d0 && nempty(PIN(i)) && ROOM(POUT(i), K_(i)) -> PIN(i)?t,a,b;
        if :: t == REC -> c0++; if :: a != c0 -> a = BAD :: else fi; POUT(i)!REC,a,0
           :: t == BAR -> w0 = 1; assert(a == e+1)
           :: t == STOP -> d0 = 1; fin = 1
           :: t == END -> d0 = 1
           :: t == FAIL -> f = 1 fi; t = 0; a = 0; b = 0 }
    EOFS
    :: d_step { !f && !db && h == 0 && c1 < L -> h = 1 }                  /* a chunk of B is read */
    :: d_step { !f && h == 1 && ROOM(POUT(i), K_(i)) -> h = 0; c1++; POUT(i)!REC,c1,1 }
    :: d_step { !f && !db && h == 0 && c1 == L -> db = 1 }
    :: f -> SEND(POUT(i), FAIL, 0, 0, K_(i)); goto out
    :: !f && w0 ->
        if :: SAVE(0) DIE fi;
        w0 = 0;
        SEND(POUT(i), BAR, e, 0, K_(i))
    :: !f && !w0 && !over && LEADS && c_epoch >= e && !(d0 && db) ->
        if :: SAVE(0) DIE fi;
        SEND(POUT(i), BAR, e, 0, K_(i))
    :: !f && !w0 && d0 && (db || (fin == 1 && h == 0)) && e < TOP ->      /* told to stop, it stops with A */
#ifndef M_NO_LEAD
        if
        :: !over ->
            if :: SAVE(fin) DIE fi;
            SEND(POUT(i), BAR, e, fin, K_(i))
        :: else
        fi;
#endif
        if
        :: fin == 1 -> SEND(POUT(i), STOP, 0, 0, K_(i))
        :: else -> SEND(POUT(i), END, 0, 0, K_(i))
        fi;
        goto out
    DIE
    od;
out:
    atomic {
        if :: lk[1] == J_(i)+1 -> lk[1] = 0 :: else fi;
        dead[J_(i)] = 1; drain(PIN(i));
        t = 0; a = 0; b = 0; r = 0; n = 0; e = 0; c0 = 0; c1 = 0; h = 0; k = 0; fin = 0; w0 = 0; d0 = 0; db = 0; f = 0; over = 0
    }
}

proctype K(byte i) {
    mtype t; byte a, b, r, n, m[2]; bool bad;
    BEGIN_ && (i == 0 || dead[K_(i-1)] || lk[2] == K_(i-1)+1);
    if :: d_step { lk[2] == 0 -> lk[2] = K_(i)+1; r = c_run+1; c_run = r; n = c_epoch; m[0] = c_n[0]; m[1] = c_n[1] } DIE fi;
    if :: d_step { nempty(POUT(i)) -> POUT(i)?t,a,b } DIE fi;
    if :: t != HELLO || a != r || b != n -> goto out :: else fi;
    t = 0; a = 0; b = 0; n = 0; r = 0;
    do
    :: d_step { nempty(POUT(i)) -> POUT(i)?t,a,b;
        if :: t == REC -> if :: a != m[b]+1 -> bad = 1 :: else fi; m[b]++; t = 0; a = 0; b = 0 :: else fi };
        if
        :: t == 0
        :: t == BAR -> if :: d_step { assert(a == c_epoch+1); c_epoch = a; c_n[0] = m[0]; c_n[1] = m[1]; c_bad = c_bad || bad } DIE fi
        :: t == END -> d_step {  /* exit 0 says: both inputs are through, and that is committed */
                assert(js_fin[c_epoch] == 2 && c_n[0] == L && c_n[1] == L && m[0] == L && m[1] == L) }
            goto out
        :: t == STOP -> d_step { assert(js_fin[c_epoch] == 1 && m[0] == c_n[0] && m[1] == c_n[1]) }
            goto out
        :: t == FAIL -> goto out
        fi; t = 0; a = 0; b = 0
    DIE
    od;
out:
    atomic {
        if :: lk[2] == K_(i)+1 -> lk[2] = 0 :: else fi;
        dead[K_(i)] = 1; drain(POUT(i)); t = 0; a = 0; b = 0; r = 0; n = 0; m[0] = 0; m[1] = 0; bad = 0
    }
}

/* A's newest snapshot <= C says what is committed of it */
#define IS(k) (ss_pos[k] == c_n[0] && (k == c_epoch || ss_fin[k]))
#define OKA ((c_epoch >= 3 && ss_has[3]) -> IS(3) : ((c_epoch >= 2 && ss_has[2]) -> IS(2) : \
            ((c_epoch >= 1 && ss_has[1]) -> IS(1) : (ss_has[0] && IS(0)))))
#ifdef STAGE
/* W's, too */
#define IS_W(k) (ws_a[k] == c_n[0] && (k == c_epoch || ws_fin[k]))
#define OKW ((c_epoch >= 4 && ws_has[4]) -> IS_W(4) : ((c_epoch >= 3 && ws_has[3]) -> IS_W(3) : \
            ((c_epoch >= 2 && ws_has[2]) -> IS_W(2) : ((c_epoch >= 1 && ws_has[1]) -> IS_W(1) : (ws_has[0] && IS_W(0))))))
#else
#define OKW true
#endif
#define INV (!c_bad && OKA && OKW && js_has[c_epoch] && js_a[c_epoch] == c_n[0] && js_b[c_epoch] == c_n[1])
active proctype Monitor() { end_m: d_step { ready && !(INV) -> assert(false) } }

init {
    byte i;
    atomic {
        ss_has[0] = 1; js_has[0] = 1; ready = 1;
#ifdef STAGE
        ws_has[0] = 1;
        do :: i < NI -> run W(i); i++ :: else -> break od; i = 0;
#endif
        do :: i < NI -> run A(i); run J(i); run K(i); i++ :: else -> break od; i = 0
    }
}

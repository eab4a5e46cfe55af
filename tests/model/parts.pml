/* parts.pml - a sink that writes a directory of parts: each appears whole, behind the commit that ended it
 *
 * The sink appends records to a temp file, the open part; now and then the part is done and another begins. A snapshot
 * of the sink names the open part and its length, and those that are done; it is made before the commit. Behind the
 * commit the done ones get their names, by a rename; at a start the renames are done again. At `end` the open part is
 * done, too, and the snapshot of the committed epoch is written once more to say so.
 * NI instances share the target; any may be killed before any step. A reader may take a part away as soon as it has
 * its name. Runs and the stages in front (commit.pml) are taken as given: records come again from the committed epoch.
 * One folder: parts of other folders are other files.
 */
#ifndef NI
#define NI 3
#endif
#ifndef L
#define L 3               /* records */
#endif
#ifndef EMAX
#define EMAX 3            /* epochs */
#endif
#define P (L+2)           /* parts are numbered from 0 */
#define BAD 99

/* ---- what lies on disk ---- */
byte c_epoch;             /* DIR/commit */
bool s_is[EMAX+2];        /* DIR/sink/E.snap: how far the records are, the open part and its length (0: it has none */
byte s_pos[EMAX+2];       /*   yet); those below it are done; is it done, too? */
byte s_cur[EMAX+2];
byte s_len[EMAX+2];
bool s_all[EMAX+2];
bool t_is[P];             /* temp files: their first record, and how many follow each other from there */
byte t_first[P], t_len[P];
bool n_is[P];             /* parts that have their name */

/* ---- ghosts ---- */
byte shown;               /* records that readers have seen */
bool was[P];              /* has ever had its name */

byte owner;               /* of the lock on the target; 0: nobody */
bool dead[NI], through;

#define DIE :: atomic { true -> goto out }

/* the rename: the next records in order, all of them committed, under a name that nothing had before */
#define NAME(k) \
	if \
	:: t_is[k] -> \
		assert(t_len[k] != BAD && t_first[k] == shown + 1 && !was[k]); \
		shown = shown + t_len[k]; \
		assert(shown <= s_pos[c_epoch]); \
		was[k] = 1; n_is[k] = 1; t_is[k] = 0; t_first[k] = 0; t_len[k] = 0 \
	:: else \
	fi

proctype K(byte i) {
	byte e, pos, cur, n, k; bool all;
	/* 1. the lock on the target, held as long as it lives */
#ifndef M_NOLOCK
	if :: atomic { owner == 0 -> owner = i+1 } DIE fi;
#endif
	/* 2. the snapshot of the committed epoch; newer ones go */
	if :: d_step { e = c_epoch; assert(s_is[e]); pos = s_pos[e]; cur = s_cur[e]; n = s_len[e]; all = s_all[e];
		k = e+1; do :: k <= EMAX -> s_is[k] = 0; k++ :: else -> break od; k = 0 } DIE fi;
	/* 3. the renames again; a part without a temp file has its name, or had it and was taken away */
#ifndef M_NO_REDO
	k = 0;
	do
	:: k < cur || (k == cur && all) ->
		if :: d_step {
#ifdef M_REDO_STRICT
			assert(t_is[k] || n_is[k]);
#endif
			NAME(k); k++ } DIE fi
	:: else -> break
	od;
	k = 0;
#endif
	if :: all -> goto complete :: else fi;
	/* 4. the open part is cut back, unknown ones go */
	if :: d_step {
#ifndef M_NO_CUT
		if :: n > 0 -> assert(t_is[cur] && t_len[cur] != BAD && t_len[cur] >= n); t_len[cur] = n :: else fi;
#endif
#ifdef M_NUMBER_AGAIN   /* the next number is one more than the highest that is there */
		if :: n == 0 -> cur = 0; k = 0; do :: k < P -> if :: n_is[k] -> cur = k+1 :: else fi; k++ :: else -> break od
		   :: else fi;
#endif
#ifndef M_KEEP_UNKNOWN
		k = (n > 0 -> cur+1 : cur);
		do :: k < P -> t_is[k] = 0; t_first[k] = 0; t_len[k] = 0; k++ :: else -> break od;
#endif
		k = 0 } DIE fi;
	do
	/* 5. a record */
	:: d_step { pos < L -> pos++; n++;
		if
		:: !t_is[cur] -> t_is[cur] = 1; t_first[cur] = pos; t_len[cur] = 1
		:: else -> t_len[cur] = (t_first[cur] + t_len[cur] == pos -> t_len[cur] + 1 : BAD)
		fi }
	/* 6. the part is done */
	:: d_step { n > 0 -> cur++; n = 0;
#ifdef M_NAME_EARLY
		NAME(cur-1);
#endif
		k = 0 }
	/* 7. barrier: snapshot, commit, then the names */
	:: e < EMAX && (e < EMAX-1 || pos == L) ->
#ifndef M_COMMIT_FIRST
		if :: d_step { e++; s_is[e] = 1; s_pos[e] = pos; s_cur[e] = cur; s_len[e] = n; s_all[e] = 0 } DIE fi;
		if :: d_step { c_epoch = e } DIE fi;
#else
		if :: d_step { e++; c_epoch = e } DIE fi;
		if :: d_step { s_is[e] = 1; s_pos[e] = pos; s_cur[e] = cur; s_len[e] = n; s_all[e] = 0 } DIE fi;
#endif
		k = 0;
		do
		:: k < cur -> if :: d_step { NAME(k); k++ } DIE fi
		:: else -> break
		od;
		k = 0
	/* 8. end, behind a barrier that has all */
	:: s_pos[e] == L && pos == L && s_cur[e] == cur ->
#ifndef M_END_NOT_SAVED
		if :: d_step { s_all[e] = 1 } DIE fi;
#endif
		if :: d_step { NAME(cur) } DIE fi;
		goto complete
	DIE
	od;
complete:
	assert(shown == L);
	through = 1;
out:
	atomic { if :: owner == i+1 -> owner = 0 :: else fi; dead[i] = 1; e = 0; pos = 0; cur = 0; n = 0; k = 0; all = 0 }
}

/* takes what has its name */
proctype R() {
	byte k;
end_r:
	do
	:: d_step { k < P && n_is[k] -> n_is[k] = 0 }
	:: d_step { k < P -> k++ }
	:: d_step { k == P -> k = 0 }
	od
}

init {
	byte i;
	atomic { s_is[0] = 1; s_cur[0] = 0;
		run R();
		do :: i < NI -> run K(i); i++ :: else -> break od; i = 0 }
}

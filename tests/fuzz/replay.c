/*
 * replay - a fuzz target without a fuzzer: run it on each file given, and on all in a directory
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "must.h"

static int n_run;

static void
die(const char *name)
{
	perror(name);
	exit(1);
}

static void
run_file(const char *name, size_t size)
{
	FILE    *f = fopen(name, "r");
	uint8_t *data = malloc(size + 1);

	if (f == NULL || data == NULL)
		die(name);
	size = fread(data, 1, size, f);
	if (ferror(f))
		die(name);
	fclose(f);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	n_run++;
}

static void
run(const char *name)
{
	char           inner[4096];
	struct stat    st;
	struct dirent *entry;
	DIR           *dir;
	int            n;

	if (stat(name, &st) != 0)
		die(name);
	if (!S_ISDIR(st.st_mode)) {
		run_file(name, (size_t)st.st_size);
		return;
	}
	dir = opendir(name);
	if (dir == NULL)
		die(name);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		n = snprintf(inner, sizeof(inner), "%s/%s", name, entry->d_name);
		if (n < 0 || (size_t)n >= sizeof(inner)) {
			fprintf(stderr, "%s: name too long\n", name);
			exit(1);
		}
		run(inner);
	}
	closedir(dir);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run(argv[i]);
	printf("%s: %d inputs\n", argv[0], n_run);
	return n_run > 0 ? 0 : 2;
}

/* SPDX-License-Identifier: MIT */
/* check_error.c: error names and texts against libc's own, both ways, and the
 * resolver's codes in the number space of all errors. */
#include "harness.h"

#include <limits.h>
#include <netdb.h>

#ifdef __GLIBC__
#if __GLIBC_PREREQ(2, 32)
#define name_of_libc(number) strerrorname_np(number)
#endif
#endif
#ifndef name_of_libc
#define name_of_libc(number) NULL
#endif

static const char unknown[] = "Unknown error";

static bool is_resolvers(int code) {
    return code > LLNET_EAI_BASE;
}

/* ---- names ------------------------------------------------------------------- */

START_TEST(a_name_is_found_for_a_number_of_either_sign) {
    ck_assert_str_eq(llnet_error_name(ECONNREFUSED), "ECONNREFUSED");
    ck_assert_str_eq(llnet_error_name(-ECONNREFUSED), "ECONNREFUSED");
    ck_assert_str_eq(llnet_error_name(EPERM), "EPERM");
    ck_assert_str_eq(llnet_error_name(-E2BIG), "E2BIG");
    ck_assert_str_eq(llnet_error_name(LLNET_EAI_BASE + abs(EAI_NONAME)), "EAI_NONAME");
    ck_assert_str_eq(llnet_error_name(-LLNET_EAI_BASE - abs(EAI_FAMILY)), "EAI_FAMILY");
}
END_TEST

START_TEST(the_librarys_own_errors_have_names_and_texts) {
    ck_assert_str_eq(llnet_error_name(-LLNET_ECLOSED), "CLOSED");
    ck_assert_str_eq(llnet_error_name(-LLNET_EBOUNDS), "BOUNDS");
    ck_assert_str_eq(llnet_error_name(-LLNET_ETYPE), "TYPE");
    ck_assert_int_eq(llnet_error_number("CLOSED"), LLNET_ECLOSED);
    ck_assert_int_eq(llnet_error_number("BOUNDS"), LLNET_EBOUNDS);
    ck_assert_int_eq(llnet_error_number("TYPE"), LLNET_ETYPE);
    ck_assert_str_eq(llnet_error_name(-LLNET_ESEGMENTS), "SEGMENTS");
    ck_assert_int_eq(llnet_error_number("SEGMENTS"), LLNET_ESEGMENTS);
    ck_assert_str_ne(llnet_error_text(-LLNET_ECLOSED), unknown);
    ck_assert_str_ne(llnet_error_text(-LLNET_EBOUNDS), unknown);
    ck_assert_str_ne(llnet_error_text(-LLNET_ETYPE), unknown);
}
END_TEST

START_TEST(the_more_usual_of_two_names_is_given) {
    ck_assert_str_eq(llnet_error_name(EAGAIN), "EAGAIN");
    ck_assert_str_eq(llnet_error_name(EDEADLK), "EDEADLK");
    ck_assert_str_eq(llnet_error_name(ENOTSUP), "ENOTSUP");
    ck_assert_int_eq(llnet_error_number("EWOULDBLOCK"), EWOULDBLOCK);
    ck_assert_int_eq(llnet_error_number("EOPNOTSUPP"), EOPNOTSUPP);
#ifdef EDEADLOCK
    ck_assert_int_eq(llnet_error_number("EDEADLOCK"), EDEADLOCK);
#endif
}
END_TEST

START_TEST(every_errno_that_libc_names_has_that_name) {
    const char *theirs, *ours;
    int number, seen = 0;

    for (number = -1; number < 5000; number++) {
        theirs = number > 0 ? name_of_libc(number) : NULL;
        ours = llnet_error_name(number);
        if (theirs == NULL)
            continue;
        seen++;
        ck_assert_msg(ours != NULL, "%d: no name for %s", number, theirs);
        ck_assert_int_eq(llnet_error_number(theirs), number);
        if (number != ENOTSUP)
            ck_assert_str_eq(ours, theirs);
    }
    if (seen == 0)
        skip("this libc does not tell the names of its errors");
}
END_TEST

START_TEST(a_number_that_libc_does_not_name_has_no_name) {
    int number;

    if (name_of_libc(EPERM) == NULL)
        skip("this libc does not tell the names of its errors");
    for (number = 1; number < 0x10000; number++)
        if (name_of_libc(number) == NULL)
            ck_assert_msg(llnet_error_name(number) == NULL, "%d is %s", number, llnet_error_name(number));
}
END_TEST

START_TEST(a_number_without_an_error_has_no_name_and_an_unknown_text) {
    static const int numbers[] = {0,
                                  INT_MIN,
                                  INT_MIN + 1,
                                  INT_MAX,
                                  0xffff,
                                  LLNET_ESEGMENTS + 1,
                                  LLNET_ECLOSED + 255,
                                  LLNET_EAI_BASE,
                                  LLNET_EAI_BASE + 127,
                                  LLNET_EAI_BASE + 128,
                                  LLNET_EAI_BASE + 0xffff,
                                  LLNET_EAI_BASE - 1};
    size_t i;

    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        ck_assert_ptr_null(llnet_error_name(numbers[i]));
        ck_assert_str_eq(llnet_error_text(numbers[i]), unknown);
    }
}
END_TEST

START_TEST(an_unknown_name_has_no_number) {
    ck_assert_int_eq(llnet_error_number(NULL), 0);
    ck_assert_int_eq(llnet_error_number(""), 0);
    ck_assert_int_eq(llnet_error_number("E"), 0);
    ck_assert_int_eq(llnet_error_number("EAI_"), 0);
    ck_assert_int_eq(llnet_error_number("ECONNREFUSEDX"), 0);
    ck_assert_int_eq(llnet_error_number("ECONNREFUSE"), 0);
    ck_assert_int_eq(llnet_error_number("econnrefused"), 0);
#ifndef EPROCLIM
    ck_assert_int_eq(llnet_error_number("EPROCLIM"), 0);
#endif
}
END_TEST

/* ---- texts ------------------------------------------------------------------- */

START_TEST(every_text_is_that_of_libc) {
#ifdef __GLIBC__
    const char *theirs;
    size_t i;
    int code;

    for (i = 0; (code = llnet_error_at(i)) != 0; i++) {
        if (code >= LLNET_ECLOSED && !is_resolvers(code))
            continue;
        theirs = is_resolvers(code) ? gai_strerror(llnet_error_to_eai(code)) : strerror(code);
        if (strcmp(theirs, unknown) == 0) /* gai_strerror(EAI_OVERFLOW) */
            continue;
        ck_assert_msg(strcmp(llnet_error_text(code), theirs) == 0, "%s: \"%s\", libc has \"%s\"",
                      llnet_error_name_at(i), llnet_error_text(code), theirs);
        ck_assert_str_eq(llnet_error_text(-code), theirs);
    }
#else
    skip("the texts are those of glibc");
#endif
}
END_TEST

START_TEST(every_error_has_a_text) {
    size_t i;

    for (i = 0; llnet_error_at(i) != 0; i++) {
        ck_assert_str_ne(llnet_error_text(llnet_error_at(i)), unknown);
        ck_assert_str_ne(llnet_error_text(llnet_error_at(i)), "");
    }
}
END_TEST

/* ---- the walk ---------------------------------------------------------------- */

START_TEST(the_walk_gives_each_name_once_with_its_number) {
    const char *name;
    size_t i, j;
    int number;

    for (i = 0; (name = llnet_error_name_at(i)) != NULL; i++) {
        number = llnet_error_at(i);
        ck_assert_int_gt(number, 0);
        ck_assert_int_eq(llnet_error_number(name), number);
        ck_assert_ptr_nonnull(llnet_error_name(number));
        ck_assert_int_eq(llnet_error_number(llnet_error_name(number)), number);
        for (j = 0; j < i; j++)
            ck_assert_str_ne(llnet_error_name_at(j), name);
    }
    ck_assert_int_eq(llnet_error_at(i), 0);
    ck_assert_uint_gt(i, 80); /* POSIX alone has 81 */
}
END_TEST

START_TEST(the_walk_shows_aliases_and_every_kind_of_error) {
    static const char *const names[] = {"EAGAIN",     "EWOULDBLOCK", "ENOTSUP", "EOPNOTSUPP", "EAI_NONAME",
                                        "EAI_SYSTEM", "CLOSED",      "BOUNDS",  "TYPE"};
    const char *name;
    size_t i, j;

    for (j = 0; j < sizeof names / sizeof names[0]; j++) {
        for (i = 0; (name = llnet_error_name_at(i)) != NULL && strcmp(name, names[j]) != 0; i++)
            ;
        ck_assert_msg(name != NULL, "%s is not in the walk", names[j]);
    }
}
END_TEST

START_TEST(the_walk_ends_for_good) {
    ck_assert_int_eq(llnet_error_at(SIZE_MAX), 0);
    ck_assert_ptr_null(llnet_error_name_at(SIZE_MAX));
    ck_assert_int_eq(llnet_error_at(1000), 0);
    ck_assert_ptr_null(llnet_error_name_at(1000));
}
END_TEST

/* ---- the resolver's codes ------------------------------------------------------ */

START_TEST(resolver_codes_go_there_and_back) {
    static const int codes[] = {EAI_BADFLAGS, EAI_NONAME,  EAI_AGAIN,  EAI_FAIL,    EAI_FAMILY,
                                EAI_SOCKTYPE, EAI_SERVICE, EAI_MEMORY, EAI_OVERFLOW};
    llnet_status status;
    size_t i;

    for (i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        status = llnet_error_from_eai(codes[i], EIO);
        ck_assert_int_eq(status, -(LLNET_EAI_BASE + abs(codes[i])));
        ck_assert_int_eq(llnet_error_to_eai(status), codes[i]);
        ck_assert_int_eq(llnet_error_to_eai(-status), codes[i]);
    }
}
END_TEST

START_TEST(the_gnu_resolver_codes_are_known) {
#ifdef EAI_IDN_ENCODE
    ck_assert_int_eq(llnet_error_number("EAI_NODATA"), LLNET_EAI_BASE + 5);
    ck_assert_int_eq(llnet_error_number("EAI_ADDRFAMILY"), LLNET_EAI_BASE + 9);
    ck_assert_int_eq(llnet_error_number("EAI_INPROGRESS"), LLNET_EAI_BASE + 100);
    ck_assert_int_eq(llnet_error_number("EAI_CANCELED"), LLNET_EAI_BASE + 101);
    ck_assert_int_eq(llnet_error_number("EAI_NOTCANCELED"), LLNET_EAI_BASE + 102);
    ck_assert_int_eq(llnet_error_number("EAI_ALLDONE"), LLNET_EAI_BASE + 103);
    ck_assert_int_eq(llnet_error_number("EAI_INTR"), LLNET_EAI_BASE + 104);
    ck_assert_int_eq(llnet_error_number("EAI_IDN_ENCODE"), LLNET_EAI_BASE + 105);
    ck_assert_str_eq(llnet_error_name(llnet_error_from_eai(EAI_IDN_ENCODE, 0)), "EAI_IDN_ENCODE");
#else
    skip("this libc has no GNU resolver codes");
#endif
}
END_TEST

START_TEST(success_of_the_resolver_is_success) {
    ck_assert_int_eq(llnet_error_from_eai(0, 0), 0);
    ck_assert_int_eq(llnet_error_from_eai(0, EIO), 0);
}
END_TEST

START_TEST(a_system_error_of_the_resolver_is_its_errno) {
    ck_assert_int_eq(llnet_error_from_eai(EAI_SYSTEM, EMFILE), -EMFILE);
    ck_assert_int_eq(llnet_error_from_eai(EAI_SYSTEM, ENOMEM), -ENOMEM);
}
END_TEST

START_TEST(a_system_error_without_an_errno_is_no_success) {
    const int code = -(LLNET_EAI_BASE + abs(EAI_SYSTEM));

    ck_assert_int_eq(llnet_error_from_eai(EAI_SYSTEM, 0), code);
    ck_assert_int_eq(llnet_error_from_eai(EAI_SYSTEM, -1), code);
    ck_assert_int_eq(llnet_error_from_eai(EAI_SYSTEM, INT_MIN), code);
    ck_assert_str_eq(llnet_error_name(code), "EAI_SYSTEM");
}
END_TEST

START_TEST(a_resolver_code_beyond_the_number_space_stays_inside_of_it) {
    const int failure = -(LLNET_EAI_BASE + abs(EAI_FAIL));

    ck_assert_int_eq(llnet_error_from_eai(INT_MIN, 0), failure);
    ck_assert_int_eq(llnet_error_from_eai(INT_MAX, 0), failure);
    ck_assert_int_eq(llnet_error_from_eai(-0x10000, 0), failure);
    ck_assert_int_eq(llnet_error_from_eai(-0xffff, 0), -(LLNET_EAI_BASE + 0xffff));
}
END_TEST

START_TEST(other_codes_are_not_the_resolvers) {
    ck_assert_int_eq(llnet_error_to_eai(0), 0);
    ck_assert_int_eq(llnet_error_to_eai(-ECONNREFUSED), 0);
    ck_assert_int_eq(llnet_error_to_eai(-LLNET_ECLOSED), 0);
    ck_assert_int_eq(llnet_error_to_eai(LLNET_EAI_BASE), 0);
    ck_assert_int_eq(llnet_error_to_eai(LLNET_EAI_BASE + 0x10000), 0);
    ck_assert_int_eq(llnet_error_to_eai(INT_MIN), 0);
    ck_assert_int_eq(llnet_error_to_eai(INT_MIN + 1), 0);
    ck_assert_int_eq(llnet_error_to_eai(INT_MAX), 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("error");
    TCase *names = add_case(suite, "names"), *texts = add_case(suite, "texts");
    TCase *walk = add_case(suite, "walk"), *resolver = add_case(suite, "resolver");

    tcase_add_test(names, a_name_is_found_for_a_number_of_either_sign);
    tcase_add_test(names, the_librarys_own_errors_have_names_and_texts);
    tcase_add_test(names, the_more_usual_of_two_names_is_given);
    tcase_add_test(names, every_errno_that_libc_names_has_that_name);
    tcase_add_test(names, a_number_that_libc_does_not_name_has_no_name);
    tcase_add_test(names, a_number_without_an_error_has_no_name_and_an_unknown_text);
    tcase_add_test(names, an_unknown_name_has_no_number);
    tcase_add_test(texts, every_text_is_that_of_libc);
    tcase_add_test(texts, every_error_has_a_text);
    tcase_add_test(walk, the_walk_gives_each_name_once_with_its_number);
    tcase_add_test(walk, the_walk_shows_aliases_and_every_kind_of_error);
    tcase_add_test(walk, the_walk_ends_for_good);
    tcase_add_test(resolver, resolver_codes_go_there_and_back);
    tcase_add_test(resolver, the_gnu_resolver_codes_are_known);
    tcase_add_test(resolver, success_of_the_resolver_is_success);
    tcase_add_test(resolver, a_system_error_of_the_resolver_is_its_errno);
    tcase_add_test(resolver, a_system_error_without_an_errno_is_no_success);
    tcase_add_test(resolver, a_resolver_code_beyond_the_number_space_stays_inside_of_it);
    tcase_add_test(resolver, other_codes_are_not_the_resolvers);
    return run_suite(suite);
}

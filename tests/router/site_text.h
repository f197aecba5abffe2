/* The site of the router's tests: one ward, the rules of LANGUAGE section 4 that the tests need. */
#ifndef NIGHTBELL_TESTS_ROUTER_SITE_TEXT_H
#define NIGHTBELL_TESTS_ROUTER_SITE_TEXT_H

#define SITE_BELL                                                                                            \
    "language 1\n"                                                                                           \
    "site lab timezone \"America/Chicago\" demo yes\n"                                                       \
    "shift night = 19:00-07:00\n"                                                                            \
    "desk operator  \"Hospital operator\" staffed always relay reach phones\n"                               \
    "desk tele-room \"Central telemetry\" staffed always relay reach phones\n"                               \
    "desk front     \"Front desk\" staffed always reach phones\n"                                            \
    "unit \"5W\" \"Surgical telemetry\" { beds \"01\" to \"24\" fallback desk operator }\n"                  \
    "unit \"6E\" \"Medicine\" { beds \"01\" to \"10\" fallback desk operator }\n"                            \
    "listen mllp telemetry { on \"127.0.0.1:2575\" patient authority \"GH\" \"MR\" sends starts, ends }\n"   \
    "listen mllp nak { on \"127.0.0.1:2576\" patient authority \"GH\" \"MR\" on-bad nak }\n"                 \
    "listen mllp watched { on \"127.0.0.1:2578\" expect every 4h }\n"                                        \
    "listen mllp oneshot { on \"127.0.0.1:2577\" patient authority \"GH\" \"MR\" sends starts }\n"           \
    "listen mllp central { on \"127.0.0.1:2579\" patient authority \"GH\" \"MR\" sends starts, ends\n"       \
    "                      reports \"127.0.0.1:2590\" }\n"                                                   \
    "listen mllp asking { on \"127.0.0.1:2580\" patient authority \"GH\" \"MR\" sends starts, ends\n"        \
    "                     reports when-asked \"127.0.0.1:2591\" }\n"                                         \
    "listen mllp hr { on \"127.0.0.1:2581\" patient authority \"GH\" \"MR\" roles \"roles.csv\"\n"           \
    "                 staff reach phones }\n"                                                                \
    "endpoint inbox phones { on \"127.0.0.1:8444\" }\n"                                                      \
    "endpoint jose gateway { url \"https://gateway.example/a\" key \"keys/g.jwk\" receipt 20s }\n"           \
    "person ana    \"Ana Ruiz RN\"   { may-hold primary-nurse, charge-nurse reach phones }\n"                \
    "person ben    \"Ben Sato RN\"   { may-hold primary-nurse, buddy-nurse reach phones }\n"                 \
    "person noor   \"Noor Aziz NA\"  { may-hold nursing-assistant reach phones }\n"                          \
    "person carla  \"Carla Weiss RN\" { may-hold charge-nurse, primary-nurse reach phones }\n"               \
    "person dora   \"Dora Lind RN\"  { may-hold primary-nurse reach phones }\n"                              \
    "person rashid \"Rashid Omar MD\" { reach phones }\n"                                                    \
    "person mei    \"Mei Tan MD\"    { reach gateway \"staff:mei\" }\n"                                      \
    "assign ana primary-nurse of \"5W\"\n"                                                                   \
    "assign ben buddy-nurse of \"5W\"\n"                                                                     \
    "assign noor nursing-assistant of \"5W\"\n"                                                              \
    "assign carla charge-nurse of \"5W\"\n"                                                                  \
    "assign dora primary-nurse of \"6E\"\n"                                                                  \
    "assign carla charge-nurse of \"6E\"\n"                                                                  \
    "rota rapid-response { zone \"America/Chicago\" weekly from 2026-01-05 07:00 rashid }\n"                 \
    "rota code-leader    { zone \"America/Chicago\" weekly from 2026-01-05 07:00 rashid }\n"                 \
    "rota pager          { zone \"America/Chicago\" weekly from 2026-01-05 07:00 mei }\n"                    \
    "codes lethal = vfib, vtach, asystole\n"                                                                 \
    "message alarm { lock \"{class} {unit|?} {bed|?}\" full \"{code} {unit|?}-{bed|?} {value|?}\"\n"         \
    "                reply accept, decline, callback, confirm, dismiss, done }\n"                            \
    "chain backstop { after 2min if not accepted notify charge-nurse\n"                                      \
    "                 after 4min if not accepted notify desk operator repeat every 60s max 10 }\n"           \
    "default { notify primary-nurse else charge-nurse escalate backstop }\n"                                 \
    "default for result { ignore because \"routine\" }\n"                                                    \
    "default for transfer { ignore because \"nobody asked\" }\n"

#define RULES_BELL                                                                                           \
    "language 1\n"                                                                                           \
    "rule lethal-arrhythmia { title \"V-fib, V-tach or asystole\"\n"                                         \
    "  when alarm starts and code in lethal and source is telemetry\n"                                       \
    "  stop on accepted\n"                                                                                   \
    "  notify primary-nurse else buddy-nurse urgent using alarm\n"                                           \
    "  notify desk tele-room urgent fyi using alarm\n"                                                       \
    "  after 30s  if not accepted notify charge-nurse urgent using alarm\n"                                  \
    "  after 90s  if not accepted notify oncall rapid-response urgent using alarm\n"                         \
    "  after 2min if not accepted notify desk operator urgent using alarm\n"                                 \
    "  repeat all every 30s max 10 }\n"                                                                      \
    "rule spo2-low { title \"Low SpO2 that lasts 15 s\"\n"                                                   \
    "  when alarm starts and code is spo2-low\n"                                                             \
    "  hold 15s unless value < 80 % or missing\n"                                                            \
    "  notify primary-nurse else buddy-nurse using alarm\n"                                                  \
    "  after 60s if not accepted notify charge-nurse using alarm\n"                                          \
    "  after 4min if not accepted notify desk operator using alarm repeat every 60s max 3 }\n"               \
    "rule bathroom-cord { title \"Bathroom cord\"\n"                                                         \
    "  when call starts and code is bathroom-cord\n"                                                         \
    "  stop on ended\n"                                                                                      \
    "  notify nursing-assistant else primary-nurse urgent\n"                                                 \
    "  after 60s  if not accepted notify primary-nurse, charge-nurse urgent\n"                               \
    "  after 2min if not accepted notify desk operator\n"                                                    \
    "  after 4min if open         notify charge-nurse urgent\n"                                              \
    "  after 6min if open         notify desk operator }\n"                                                  \
    "rule code-blue { title \"Code blue\"\n"                                                                 \
    "  when call starts and code is code-blue\n"                                                             \
    "  need 1 from oncall code-leader, 1 accepts\n"                                                          \
    "  stop on ended\n"                                                                                      \
    "  notify oncall code-leader, primary-nurse, charge-nurse urgent using alarm\n"                          \
    "  after 20s if not delivered notify buddy-nurse urgent using alarm\n"                                   \
    "  after 90s if not accepted  notify desk front urgent using alarm }\n"                                  \
    "rule bed-exit { title \"Bed exit\"\n"                                                                   \
    "  when alarm starts and code is bed-exit\n"                                                             \
    "  notify nursing-assistant else primary-nurse\n"                                                        \
    "  escalate backstop }\n"                                                                                \
    "rule bed-exit-night-fall-risk { title \"Bed exit, fall risk, night shift\"\n"                           \
    "  when alarm starts and code is bed-exit and patient.flags has fall-risk if known and during night\n"   \
    "  notify primary-nurse, nursing-assistant urgent\n"                                                     \
    "  after 30s if not accepted notify buddy-nurse, charge-nurse urgent\n"                                  \
    "  after 90s if not accepted notify desk operator urgent }\n"                                            \
    "copy vtach-to-pager { title \"The pager hears of V-tach\"\n"                                            \
    "  when alarm starts and code is vtach\n"                                                                \
    "  notify oncall pager fyi }\n"                                                                          \
    "rule lead-off-quiet { title \"Lead off\"\n"                                                             \
    "  when alarm starts and code is lead-off\n"                                                             \
    "  stop on accepted\n"                                                                                   \
    "  notify nursing-assistant using alarm\n"                                                               \
    "  after 60s if not accepted notify primary-nurse, charge-nurse using alarm\n"                           \
    "  after 2min if not accepted notify desk front using alarm }\n"                                         \
    "rule pain-doctor { title \"Pain: the patient's doctor\"\n"                                              \
    "  when call starts and code is pain-call\n"                                                             \
    "  notify covering patient.attending via oncall rapid-response using alarm\n"                            \
    "  after 60s if not accepted notify charge-nurse using alarm\n"                                          \
    "  after 2min if not accepted notify desk operator using alarm }\n"                                      \
    "rule potassium-critical { title \"Critical potassium\"\n"                                               \
    "  when result final and code is loinc:2823-3 and abnormal in critical-high, critical-low\n"             \
    "  notify primary-nurse using alarm\n"                                                                   \
    "  after 10min if not accepted notify charge-nurse using alarm\n"                                        \
    "  after 20min if not accepted notify desk front using alarm }\n"
#endif

#include "hl7/names.h"

/* Highest field number of any version up to 2.9 (HL7 v2 chapters 2 to 17). */
static const struct size {
    char name[4];
    uint8_t fields;
} SIZES[] = {
    { "ABS", 13 }, { "ACC", 13 }, { "ADD", 1 },  { "AFF", 5 },  { "AIG", 14 }, { "AIL", 12 }, { "AIP", 12 },
    { "AIS", 12 }, { "AL1", 6 },  { "APR", 5 },  { "ARQ", 25 }, { "ARV", 6 },  { "AUT", 30 }, { "BHS", 14 },
    { "BLC", 2 },  { "BLG", 4 },  { "BPO", 14 }, { "BPX", 21 }, { "BTS", 3 },  { "BTX", 19 }, { "BUI", 13 },
    { "CDM", 13 }, { "CDO", 4 },  { "CER", 31 }, { "CM0", 11 }, { "CM1", 3 },  { "CM2", 4 },  { "CNS", 6 },
    { "CON", 25 }, { "CSP", 4 },  { "CSR", 16 }, { "CSS", 3 },  { "CTD", 8 },  { "CTI", 3 },  { "CTR", 7 },
    { "DB1", 8 },  { "DEV", 20 }, { "DG1", 26 }, { "DMI", 5 },  { "DON", 34 }, { "DRG", 33 }, { "DSC", 2 },
    { "DSP", 5 },  { "DST", 2 },  { "ECD", 5 },  { "ECR", 3 },  { "ECT", 8 },  { "EDU", 9 },  { "EQP", 5 },
    { "EQU", 5 },  { "ERR", 12 }, { "EVN", 7 },  { "FAC", 12 }, { "FHS", 14 }, { "FT1", 56 }, { "FTS", 2 },
    { "GOL", 21 }, { "GP1", 5 },  { "GP2", 14 }, { "GSP", 5 },  { "GSR", 5 },  { "GT1", 57 }, { "IAM", 30 },
    { "IAR", 4 },  { "IIM", 15 }, { "ILT", 10 }, { "IN1", 55 }, { "IN2", 72 }, { "IN3", 28 }, { "INV", 20 },
    { "IPC", 9 },  { "IPR", 8 },  { "ISD", 3 },  { "ITM", 29 }, { "IVC", 30 }, { "IVT", 26 }, { "LAN", 4 },
    { "LCC", 4 },  { "LCH", 5 },  { "LDP", 12 }, { "LOC", 9 },  { "LRL", 6 },  { "MCP", 7 },  { "MFA", 6 },
    { "MFE", 7 },  { "MFI", 6 },  { "MRG", 7 },  { "MSA", 8 },  { "MSH", 28 }, { "NCK", 1 },  { "NDS", 4 },
    { "NK1", 41 }, { "NPU", 2 },  { "NSC", 9 },  { "NST", 15 }, { "NTE", 9 },  { "OBR", 55 }, { "OBX", 33 },
    { "ODS", 4 },  { "ODT", 3 },  { "OH1", 6 },  { "OH2", 21 }, { "OH3", 9 },  { "OH4", 6 },  { "OM1", 62 },
    { "OM2", 10 }, { "OM3", 7 },  { "OM4", 18 }, { "OM5", 3 },  { "OM6", 2 },  { "OM7", 24 }, { "OMC", 16 },
    { "ORC", 38 }, { "ORG", 12 }, { "OVR", 5 },  { "PAC", 9 },  { "PCE", 4 },  { "PCR", 23 }, { "PD1", 23 },
    { "PDA", 9 },  { "PDC", 15 }, { "PEO", 25 }, { "PES", 13 }, { "PID", 40 }, { "PKG", 7 },  { "PM1", 15 },
    { "PMT", 11 }, { "PR1", 25 }, { "PRA", 12 }, { "PRB", 31 }, { "PRC", 18 }, { "PRD", 14 }, { "PRT", 26 },
    { "PSG", 6 },  { "PSH", 14 }, { "PSL", 48 }, { "PSS", 5 },  { "PTH", 7 },  { "PV1", 54 }, { "PV2", 50 },
    { "PYE", 6 },  { "QAK", 6 },  { "QID", 2 },  { "QPD", 3 },  { "QRD", 12 }, { "QRF", 10 }, { "QRI", 3 },
    { "RCP", 7 },  { "RDF", 2 },  { "REL", 18 }, { "RF1", 24 }, { "RFI", 4 },  { "RGS", 3 },  { "RMI", 3 },
    { "ROL", 14 }, { "RQ1", 7 },  { "RQD", 10 }, { "RXA", 29 }, { "RXC", 11 }, { "RXD", 39 }, { "RXE", 45 },
    { "RXG", 34 }, { "RXO", 36 }, { "RXR", 6 },  { "RXV", 22 }, { "SAC", 57 }, { "SCD", 37 }, { "SCH", 28 },
    { "SCP", 8 },  { "SDD", 7 },  { "SFT", 6 },  { "SGH", 2 },  { "SGT", 2 },  { "SHP", 11 }, { "SID", 4 },
    { "SLT", 5 },  { "SPM", 35 }, { "STF", 42 }, { "STZ", 4 },  { "TCC", 14 }, { "TCD", 8 },  { "TQ1", 14 },
    { "TQ2", 10 }, { "TXA", 28 }, { "UAC", 2 },  { "UB1", 23 }, { "UB2", 17 }, { "URD", 7 },  { "URS", 9 },
    { "VAR", 6 },  { "VND", 6 },
};

/* Our own wording, shorter than the standard's. NULL ends a list early: later fields have no name. */
static const char *const MSH[] = { "field separator",
                                   "encoding characters",
                                   "sending application",
                                   "sending facility",
                                   "receiving application",
                                   "receiving facility",
                                   "time of message",
                                   "security",
                                   "message type",
                                   "control id",
                                   "processing id",
                                   "version",
                                   "sequence number",
                                   "continuation",
                                   "accept acknowledgement",
                                   "application acknowledgement",
                                   "country",
                                   "character set",
                                   "language",
                                   "character set scheme",
                                   "profile",
                                   NULL };
static const char *const MSA[] = { "acknowledgement code", "control id of the message", "text",
                                   "expected sequence number", NULL };
static const char *const ERR[] = { "code and location", "location",         "code",
                                   "severity",          "application code", "parameter",
                                   "diagnostic",        "user message",     NULL };
static const char *const EVN[] = { "event type", "recorded at", "planned for", "reason",
                                   "operator",   "occurred at", "facility",    NULL };
static const char *const PID[] = { "set id",
                                   "external patient id",
                                   "patient identifiers",
                                   "alternate patient id",
                                   "name",
                                   "mother's maiden name",
                                   "birth time",
                                   "sex",
                                   "alias",
                                   "race",
                                   "address",
                                   "county",
                                   "home phone",
                                   "business phone",
                                   "language",
                                   "marital status",
                                   "religion",
                                   "account number",
                                   "social security number",
                                   "driver's licence",
                                   "mother's identifier",
                                   "ethnic group",
                                   "birth place",
                                   "multiple birth",
                                   "birth order",
                                   "citizenship",
                                   "veteran status",
                                   "nationality",
                                   "death time",
                                   "death indicator",
                                   NULL };
static const char *const PV1[] = { "set id",
                                   "patient class",
                                   "location",
                                   "admission type",
                                   "preadmit number",
                                   "prior location",
                                   "attending doctor",
                                   "referring doctor",
                                   "consulting doctor",
                                   "hospital service",
                                   "temporary location",
                                   "preadmit test",
                                   "readmission",
                                   "admit source",
                                   "ambulatory status",
                                   "vip",
                                   "admitting doctor",
                                   "patient type",
                                   "visit number",
                                   NULL };
static const char *const MRG[] = {
    "prior patient identifiers", "prior alternate patient id", "prior account number", "prior patient id",
    "prior visit number",        "prior alternate visit id",   "prior name",           NULL
};
static const char *const ORC[] = { "order control",
                                   "placer order number",
                                   "filler order number",
                                   "placer group number",
                                   "order status",
                                   "response flag",
                                   "timing",
                                   "parent order",
                                   "transaction time",
                                   "entered by",
                                   "verified by",
                                   "ordering provider",
                                   "enterer's location",
                                   "call back phone",
                                   NULL };
static const char *const OBR[] = { "set id",
                                   "placer order number",
                                   "filler order number",
                                   "service",
                                   "priority",
                                   "requested at",
                                   "observed at",
                                   "observation end",
                                   "collection volume",
                                   "collector",
                                   "specimen action",
                                   "danger code",
                                   "clinical information",
                                   "specimen received at",
                                   "specimen source",
                                   "ordering provider",
                                   "call back phone",
                                   "placer field 1",
                                   "placer field 2",
                                   "filler field 1",
                                   "filler field 2",
                                   "status changed at",
                                   "charge",
                                   "diagnostic section",
                                   "result status",
                                   "parent result",
                                   "timing",
                                   "result copies to",
                                   "parent",
                                   "transport mode",
                                   "reason for study",
                                   NULL };
static const char *const OBX[] = { "set id",
                                   "value type",
                                   "observation",
                                   "sub-id",
                                   "value",
                                   "units",
                                   "reference range",
                                   "abnormal flags",
                                   "probability",
                                   "nature of abnormal test",
                                   "result status",
                                   "range effective at",
                                   "access checks",
                                   "observed at",
                                   "producer",
                                   "responsible observer",
                                   "method",
                                   "equipment instance",
                                   "analysed at",
                                   "site",
                                   "instance identifier",
                                   "mood",
                                   "performing organisation",
                                   "performing address",
                                   "medical director",
                                   NULL };
static const char *const NTE[] = { "set id",         "source",     "comment",
                                   "comment type",   "entered by", "entered at",
                                   "effective from", "expires at", NULL };
static const char *const SCH[] = { "placer appointment id",
                                   "filler appointment id",
                                   "occurrence number",
                                   "placer group number",
                                   "schedule id",
                                   "event reason",
                                   "appointment reason",
                                   "appointment type",
                                   "duration",
                                   "duration units",
                                   "timing",
                                   "placer contact",
                                   "placer phone",
                                   "placer address",
                                   "placer location",
                                   "filler contact",
                                   "filler phone",
                                   "filler address",
                                   "filler location",
                                   "entered by",
                                   "entered by phone",
                                   "entered by location",
                                   "parent placer id",
                                   "parent filler id",
                                   "filler status",
                                   NULL };
static const char *const AIL[] = { "set id",
                                   "action",
                                   "location",
                                   "location type",
                                   "location group",
                                   "start",
                                   "start offset",
                                   "start offset units",
                                   "duration",
                                   "duration units",
                                   "substitution",
                                   "filler status",
                                   NULL };
static const char *const AIP[] = { "set id",
                                   "action",
                                   "person",
                                   "role",
                                   "resource group",
                                   "start",
                                   "start offset",
                                   "start offset units",
                                   "duration",
                                   "duration units",
                                   "substitution",
                                   "filler status",
                                   NULL };
static const char *const PRT[] = { "participation id",
                                   "action",
                                   "action reason",
                                   "participation",
                                   "person",
                                   "provider type",
                                   "organisation unit",
                                   "organisation",
                                   "location",
                                   "device",
                                   "begins",
                                   "ends",
                                   "qualitative duration",
                                   "address",
                                   "telecommunication",
                                   "device identifier",
                                   NULL };
static const char *const STF[] = { "primary key",
                                   "identifiers",
                                   "name",
                                   "type",
                                   "sex",
                                   "birth time",
                                   "active",
                                   "department",
                                   "hospital service",
                                   "phones",
                                   "address",
                                   "activated at",
                                   "deactivated at",
                                   "backup person",
                                   "e-mail",
                                   "contact method",
                                   "marital status",
                                   "job title",
                                   NULL };

static const struct names {
    char segment[4];
    const char *const *fields;
} NAMES[] = {
    { "MSH", MSH }, { "MSA", MSA }, { "ERR", ERR }, { "EVN", EVN }, { "PID", PID }, { "PV1", PV1 },
    { "MRG", MRG }, { "ORC", ORC }, { "OBR", OBR }, { "OBX", OBX }, { "NTE", NTE }, { "SCH", SCH },
    { "AIL", AIL }, { "AIP", AIP }, { "PRT", PRT }, { "STF", STF },
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

uint32_t hl7_segment_size(struct slice name)
{
    for (size_t i = 0; i < COUNT(SIZES); i++)
        if (slice_is(name, SIZES[i].name))
            return SIZES[i].fields;
    return 0;
}

const char *hl7_field_name(struct slice segment, uint32_t field)
{
    const char *const *names = NULL;

    for (size_t i = 0; i < COUNT(NAMES); i++)
        if (slice_is(segment, NAMES[i].segment))
            names = NAMES[i].fields;
    if (names == NULL || field == 0)
        return NULL;
    for (uint32_t i = 1; i < field; i++)
        if (*names++ == NULL)
            return NULL;
    return *names;
}

const char *hl7_segment_similar(struct slice name)
{
    for (size_t i = 0; name.len == 3 && i < COUNT(SIZES); i++) {
        int same = 0;
        for (size_t at = 0; at < 3; at++)
            same += name.ptr[at] == SIZES[i].name[at];
        if (same >= 2 && SIZES[i].fields > 0)
            return SIZES[i].name;
    }
    return NULL;
}

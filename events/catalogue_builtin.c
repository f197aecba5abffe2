#include "events/catalogue_builtin.h"

/* Values above and below a limit have no event of their own: the metric (facet 2) says whose limit. */
#define MDC_HIGH "196648 196650 196652 197748"
#define MDC_LOW  "196670 196672 196674 197810"
#define RATE     "147842 149514 149530 149538"
#define RESP     "151562 151554 151578"
#define ALARM(name, class, codes, source, unit, title)                                                       \
    {                                                                                                        \
        name, EVENT_ALARM, CLASS_##class, "MDC", codes, source, unit, title                                  \
    }
#define LAB(name, codes, unit, title)                                                                        \
    {                                                                                                        \
        name, EVENT_RESULT, CLASS_LOW, "LN", codes, "", unit, title                                          \
    }
#define LOCAL(name, kind, class, title)                                                                      \
    {                                                                                                        \
        name, EVENT_##kind, CLASS_##class, "local", name, "", "", title                                      \
    }

const struct builtin_row builtin_rows[] = {
    /* Lethal arrhythmias. A monitor that cannot tell V-fib from V-tach means the worse of the two. */
    ALARM("vfib", LETHAL, "199806 199944 199946", "", "", "V-fib"),
    ALARM("vtach", LETHAL, "199832 199836", "", "", "V-tach"),
    ALARM("torsades", LETHAL, "199838", "", "", "Torsades"),
    ALARM("asystole", LETHAL, "199684", "", "", "Asystole"),
    /* Other rhythm and rate alarms. */
    ALARM("vtach-nonsustained", MEDIUM, "199834", "", "", "Non-sustained V-tach"),
    ALARM("extreme-tachycardia", HIGH, "199730", "", "", "Extreme tachycardia"),
    ALARM("extreme-bradycardia", HIGH, "199694", "", "", "Extreme bradycardia"),
    ALARM("tachycardia", MEDIUM, "199728", "", "", "Tachycardia"),
    ALARM("bradycardia", MEDIUM, "199692 199942", "", "", "Bradycardia"),
    ALARM("atrial-fibrillation", MEDIUM, "199736", "", "", "Atrial fibrillation"),
    ALARM("pause", MEDIUM, "199716", "", "", "Pause"),
    ALARM("pacer-not-capturing", MEDIUM, "199710", "", "", "Pacer not capturing"),
    ALARM("pacer-not-pacing", MEDIUM, "199790", "", "", "Pacer not pacing"),
    ALARM("hr-high", MEDIUM, "199764", "", "/min", "Heart rate high"),
    ALARM("hr-low", MEDIUM, "199768", "", "/min", "Heart rate low"),
    ALARM("hr-high", MEDIUM, MDC_HIGH, RATE, "/min", "Heart rate high"),
    ALARM("hr-low", MEDIUM, MDC_LOW, RATE, "/min", "Heart rate low"),
    /* Breathing. */
    ALARM("apnea", HIGH, "199680 198134 196744", "", "", "Apnea"),
    ALARM("spo2-low", MEDIUM, "199854", "", "%", "SpO2 low"),
    ALARM("spo2-low", MEDIUM, MDC_LOW, "150456", "%", "SpO2 low"),
    ALARM("spo2-high", LOW, MDC_HIGH, "150456", "%", "SpO2 high"),
    ALARM("rr-high", MEDIUM, MDC_HIGH, RESP, "/min", "Resp rate high"),
    ALARM("rr-low", MEDIUM, MDC_LOW, RESP, "/min", "Resp rate low"),
    ALARM("etco2-high", MEDIUM, MDC_HIGH, "151708", "mm[Hg]", "etCO2 high"),
    ALARM("etco2-low", MEDIUM, MDC_LOW, "151708", "mm[Hg]", "etCO2 low"),
    ALARM("vent-disconnect", HIGH, "197172 199960 198164", "", "", "Ventilator disconnected"),
    /* Pressure and temperature. */
    ALARM("art-high", MEDIUM, MDC_HIGH, "150033 150034 150035 150037 150038 150039", "mm[Hg]",
          "Arterial pressure high"),
    ALARM("art-low", MEDIUM, MDC_LOW, "150033 150034 150035 150037 150038 150039", "mm[Hg]",
          "Arterial pressure low"),
    ALARM("nibp-high", MEDIUM, MDC_HIGH, "150021 150022 150023", "mm[Hg]", "Blood pressure high"),
    ALARM("nibp-low", MEDIUM, MDC_LOW, "150021 150022 150023", "mm[Hg]", "Blood pressure low"),
    ALARM("temp-high", MEDIUM, MDC_HIGH, "150344 150364", "Cel", "Temperature high"),
    ALARM("temp-low", MEDIUM, MDC_LOW, "150344 150364", "Cel", "Temperature low"),
    /* Technical. */
    ALARM("spo2-probe-off", TECHNICAL, "198040 196916 196630", "150456", "", "SpO2 probe off"),
    ALARM("lead-off", TECHNICAL, "196880 196882 196876", "", "", "ECG lead off"),
    ALARM("sensor-off", TECHNICAL, "198040 196916", "", "", "Sensor off"),
    ALARM("comm-lost", TECHNICAL, "196748 198226", "", "", "Device connection lost"),
    ALARM("comm-restored", INFO, "198228", "", "", "Device connection back"),
    ALARM("battery-low", TECHNICAL, "196802", "", "", "Battery low"),
    ALARM("battery-empty", TECHNICAL, "197336", "", "", "Battery empty"),
    ALARM("battery-failed", TECHNICAL, "196800", "", "", "Battery failed"),
    ALARM("device-fault", TECHNICAL, "196660 196678", "", "", "Device fault"),
    ALARM("emergency-stop", HIGH, "197340", "", "", "Emergency stop"),
    ALARM("patient-changed", INFO, "197300", "", "", "Monitor: new patient"),
    ALARM("device-associated", INFO, "198332", "", "", "Device put to patient"),
    ALARM("device-released", INFO, "198334", "", "", "Device taken off"),
    /* Pumps. */
    ALARM("occlusion", MEDIUM, "196940", "", "", "Line occluded"),
    ALARM("air-in-line", MEDIUM, "197200", "", "", "Air in line"),
    ALARM("pump-callback", LOW, "197330", "", "", "Pump callback"),
    /* Nurse call: the only two that the standard has; the rest under their own names. */
    { "nurse-call", EVENT_CALL, CLASS_CALL, "MDC", "203412", "", "", "Nurse call" },
    { "fall-detected", EVENT_CALL, CLASS_HIGH, "MDC", "203396", "", "", "Fall detected" },
    LOCAL("code-blue", CALL, HIGH, "Code blue"),
    LOCAL("rapid-response-call", CALL, HIGH, "Rapid response"),
    LOCAL("staff-emergency", CALL, HIGH, "Staff emergency"),
    LOCAL("bathroom-cord", CALL, CALL, "Bathroom cord"),
    LOCAL("pain-call", CALL, CALL, "Pain"),
    LOCAL("bed-exit", ALARM, MEDIUM, "Bed exit"),
    /* Laboratory and vital signs by LOINC: those that critical value policies name. */
    LAB("potassium", "2823-3 6298-4 77142-8", "mmol/L", "Potassium"),
    LAB("sodium", "2951-2 2947-0 77139-4", "mmol/L", "Sodium"),
    LAB("bicarbonate", "1963-8 1959-6 1960-4", "mmol/L", "Bicarbonate"),
    LAB("glucose", "2345-7 2339-0 2340-8 41653-7 2341-6", "mg/dL", "Glucose"),
    LAB("glucose-molar", "14749-6 15074-8 14743-9", "mmol/L", "Glucose"),
    LAB("calcium", "17861-6", "mg/dL", "Calcium"),
    LAB("calcium-ionized", "1994-3 1995-0 34581-9", "mmol/L", "Ionized calcium"),
    LAB("magnesium", "19123-9 2601-3", "mg/dL", "Magnesium"),
    LAB("phosphate", "2777-1", "mg/dL", "Phosphate"),
    LAB("creatinine", "2160-0 38483-4", "mg/dL", "Creatinine"),
    LAB("lactate", "2524-7 2518-9 2519-7 32693-4", "mmol/L", "Lactate"),
    LAB("ph", "2744-1 2745-8 2746-6 11558-4", "[pH]", "pH"),
    LAB("pco2", "2019-8 2020-6 2021-4", "mm[Hg]", "pCO2"),
    LAB("po2", "2703-7 2704-5 2705-2", "mm[Hg]", "pO2"),
    LAB("hemoglobin", "718-7 20509-6", "g/dL", "Hemoglobin"),
    LAB("hematocrit", "4544-3 20570-8", "%", "Hematocrit"),
    LAB("platelets", "777-3 26515-7", "10*3/uL", "Platelets"),
    LAB("leukocytes", "6690-2 26464-8", "10*3/uL", "White cells"),
    LAB("neutrophils", "751-8 26499-4", "10*3/uL", "Neutrophils"),
    LAB("inr", "6301-6 34714-6 46418-0", "{INR}", "INR"),
    LAB("ptt", "3173-2 14979-9", "s", "PTT"),
    LAB("fibrinogen", "3255-7", "mg/dL", "Fibrinogen"),
    LAB("troponin-i", "10839-9 42757-5", "ng/mL", "Troponin I"),
    LAB("troponin-i-hs", "89579-7", "ng/L", "Troponin I"),
    LAB("troponin-t", "6598-7 48425-3", "ng/mL", "Troponin T"),
    LAB("troponin-t-hs", "67151-1", "ng/L", "Troponin T"),
    LAB("bilirubin", "1975-2", "mg/dL", "Bilirubin"),
    LAB("ammonia", "16362-6", "umol/L", "Ammonia"),
    LAB("digoxin", "10535-3", "ng/mL", "Digoxin"),
    LAB("lithium", "14334-7", "mmol/L", "Lithium"),
    LAB("carboxyhemoglobin", "20563-3", "%", "Carboxyhemoglobin"),
    LAB("blood-culture", "600-7", "", "Blood culture"),
    LAB("lead", "10368-9 77307-7", "ug/dL", "Lead"),
    LAB("heart-rate", "8867-4", "/min", "Heart rate"),
    LAB("resp-rate", "9279-1", "/min", "Resp rate"),
    LAB("spo2", "2708-6 59408-5", "%", "SpO2"),
    LAB("temperature", "8310-5", "Cel", "Temperature"),
    LAB("systolic", "8480-6", "mm[Hg]", "Systolic pressure"),
    LAB("diastolic", "8462-4", "mm[Hg]", "Diastolic pressure"),
};

const size_t builtin_row_count = sizeof builtin_rows / sizeof builtin_rows[0];

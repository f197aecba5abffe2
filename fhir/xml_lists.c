/* Which elements of FHIR are lists: XML does not say, and JSON readers expect an array (FHIR R4 and R5,
 * hl7.org/fhir; where releases differ in a name, the one that repeats counts, except where the single form
 * is of another type). What is not here becomes an array when it is repeated, so nothing is lost. */
#include "fhir/xml.h"

#include <string.h>

/* parent: "*" any; ".meta" the last step of the path; else the whole path from the resource. */
static const struct {
    const char *parent, *names;
} LISTS[] = {
    { "*", " coding contained extension given line modifierExtension note prefix suffix telecom " },
    { ".meta", " profile security tag " },
    { ".part", " part " },
    { ".referenceRange", " appliesTo " },
    { ".repeat", " dayOfWeek timeOfDay when " },
    { "Appointment",
      " account basedOn class participant patientInstruction reason reasonCode reasonReference "
      "recurrenceTemplate replaces requestedPeriod serviceCategory serviceType slot specialty "
      "supportingInformation virtualService " },
    { "Appointment.participant", " type " },
    { "AppointmentResponse", " participantType " },
    { "AuditEvent", " agent category entity purposeOfEvent subtype " },
    { "AuditEvent.agent", " policy purposeOfUse role " },
    { "AuditEvent.entity", " detail securityLabel " },
    { "AuditEvent.source", " type " },
    { "Bundle", " entry link " },
    { "Bundle.entry", " link " },
    { "CareTeam", " category managingOrganization participant reason reasonCode reasonReference " },
    { "CareTeam.participant", " role " },
    { "Communication",
      " about basedOn category inResponseTo instantiatesCanonical instantiatesUri medium partOf "
      "payload reason reasonCode reasonReference recipient " },
    { "CommunicationRequest", " about basedOn category informationProvider medium payload reason reasonCode "
                              "reasonReference recipient replaces " },
    { "Condition", " bodySite category evidence participant stage " },
    { "Condition.evidence", " code detail " },
    { "Condition.stage", " assessment " },
    { "DetectedIssue", " category evidence implicated mitigation " },
    { "DetectedIssue.evidence", " code detail " },
    { "Device", " conformsTo contact deviceName endpoint gateway property safety specialization statusReason "
                "udiCarrier version " },
    { "Device.property", " valueCode valueQuantity " },
    { "DeviceAlert", " derivedFrom signal " },
    { "DeviceAlert.signal", " annunciator manifestation " },
    { "DeviceMetric", " calibration " },
    { "DiagnosticReport",
      " basedOn category conclusionCode imagingStudy media performer presentedForm result "
      "resultsInterpreter specimen " },
    { "Encounter",
      " account appointment basedOn careTeam classHistory diagnosis dietPreference episodeOfCare "
      "location participant reason reasonCode reasonReference specialArrangement specialCourtesy "
      "statusHistory type virtualService " },
    { "Encounter.admission", " dietPreference specialArrangement specialCourtesy " },
    { "Encounter.hospitalization", " dietPreference specialArrangement specialCourtesy " },
    { "Encounter.participant", " type " },
    { "Endpoint", " contact environmentType header payload payloadMimeType payloadType " },
    { "Flag", " category " },
    { "Group", " characteristic member " },
    { "HealthcareService", " availability availableTime category characteristic communication contact "
                           "coverageArea eligibility endpoint location notAvailable offeredIn program "
                           "referralMethod serviceProvisionCode specialty type " },
    { "HealthcareService.availableTime", " daysOfWeek " },
    { "Location", " alias characteristic contact endpoint hoursOfOperation type virtualService " },
    { "Location.hoursOfOperation", " daysOfWeek " },
    { "MessageHeader", " destination focus " },
    { "Observation",
      " basedOn category component derivedFrom focus hasMember interpretation partOf performer "
      "referenceRange triggeredBy " },
    { "Observation.component", " interpretation referenceRange " },
    { "OperationOutcome", " issue " },
    { "OperationOutcome.issue", " expression location " },
    { "Organization", " address alias contact endpoint qualification type " },
    { "Parameters", " parameter " },
    { "Parameters.parameter", " part " },
    { "Patient", " address communication contact generalPractitioner link name photo " },
    { "Patient.contact", " relationship " },
    { "Practitioner", " address communication name photo qualification " },
    { "Practitioner.qualification", " identifier " },
    { "PractitionerRole", " availability availableTime characteristic code communication contact endpoint "
                          "healthcareService location notAvailable specialty " },
    { "PractitionerRole.availableTime", " daysOfWeek " },
    { "RelatedPerson", " address communication name photo relationship " },
    { "Schedule", " actor serviceCategory serviceType specialty " },
    { "ServiceRequest",
      " basedOn bodySite category insurance instantiatesCanonical instantiatesUri locationCode "
      "locationReference orderDetail performer reasonCode reasonReference relevantHistory "
      "replaces specimen supportingInfo " },
    { "Slot", " serviceCategory serviceType specialty " },
    { "Subscription", " contact filterBy header parameter " },
    { "Subscription.channel", " header " },
    { "SubscriptionStatus", " error notificationEvent " },
    { "SubscriptionStatus.notificationEvent", " additionalContext " },
    { "SubscriptionTopic", " canFilterBy contact derivedFrom eventTrigger jurisdiction notificationShape "
                           "resourceTrigger useContext " },
    { "SubscriptionTopic.notificationShape", " include revInclude " },
    { "SubscriptionTopic.resourceTrigger", " supportedInteraction " },
    { "Task", " basedOn input insurance output partOf performerType reason relevantHistory " },
    { "Task.restriction", " recipient " },
};

static bool parent_fits(const char *row, struct slice parent)
{
    if (row[0] == '*')
        return true;
    return row[0] == '.' ? slice_ends(parent, slice_of(row)) : slice_is(parent, row);
}

static bool names_have(const char *names, struct slice name)
{
    struct slice rest = slice_of(names);
    while (rest.len > 0)
        if (slice_eq(slice_cut(&rest, ' '), name))
            return true;
    return false;
}

/* A resource's business identifiers repeat, but for these (and inside a Reference there is one). */
static bool one_identifier(struct slice resource)
{
    return slice_is(resource, "Bundle") || slice_is(resource, "Composition") ||
           slice_is(resource, "QuestionnaireResponse");
}

bool fhir_xml_is_list(struct slice parent, struct slice name)
{
    if (slice_is(name, "identifier") && slice_find(parent, '.') == parent.len)
        return !one_identifier(parent);
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++)
        if (parent_fits(LISTS[i].parent, parent) && names_have(LISTS[i].names, name))
            return true;
    return false;
}

package dev.guardrail.server.sheet;

import dev.guardrail.base.Json;
import dev.guardrail.base.JsonArray;
import dev.guardrail.base.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// An approval as plain text: what is asked for, risk and warnings first, the agent's own words last and in a box.
/// Every
/// line that holds what others wrote begins with a bar, so none of it can pass for a line of ours.
///
/// @param approval as [ApprovalJson#detail] gives it
public record Sheet(JsonObject approval) {
    private static final String BAR = "  | ";
    private static final String ARGUMENTS = Survey.ARGUMENTS;

    /// The whole sheet.
    ///
    /// @param width in columns; no line is wider
    public String text(int width, Room room) {
        var page = new Page(width);
        head(page);
        why(page);
        planned(page);
        arguments(page, room);
        changes(page, room);
        people(page);
        remember(page);
        dialogue(page, room);
        agentSays(page, room);
        return page.toString();
    }

    /// Places of arguments that [Room#SHEET] shows in part: whoever decides must open them.
    public List<String> mustOpen() {
        var places = new LinkedHashSet<>(texts(approval, "mustOpen"));
        approval.get("arguments").ifPresent(arguments -> places.addAll(Exhibit.mustOpen(ARGUMENTS, arguments)));
        return List.copyOf(places);
    }

    /// A few lines of it, for a notification.
    ///
    /// @param how what to do to see all of it and decide: an address or a command
    public Notice notice(String how) {
        var page = new Page(Notice.WIDTH);
        page.say(claim());
        warnings(page);
        boolean whole = approval.get("arguments")
                .map(arguments -> Exhibit.lay(page, Room.NOTICE, BAR, ARGUMENTS, arguments))
                .orElse(Set.of())
                .isEmpty();
        words().ifPresent(said -> {
            page.say("The agent says (not verified):");
            box(page, said, Room.NOTICE);
        });
        page.say(whole ? "See all of it and decide:" : "There is more, which must be opened before you decide:");
        page.say("  " + how);
        String title = "Approval needed (" + text("risk") + " risk): " + Legible.line(text("agent")) + " wants "
                + Legible.line(text("tool"));
        return new Notice(title, page.toString());
    }

    private void head(Page page) {
        page.say(claim());
        page.say("Risk: " + text("risk") + ". State: " + text("state") + ".");
        warnings(page);
    }

    private String claim() {
        return approval.text("claim")
                .orElseGet(() -> new Claim(
                                text("agent"),
                                approval.text("user"),
                                text("tool"),
                                Optional.empty(),
                                approval.get("arguments"))
                        .toString());
    }

    private void warnings(Page page) {
        List<String> warnings = approval.has("warnings")
                ? texts(approval, "warnings")
                : approval.get("arguments").map(Survey::ofArguments).orElse(List.of());
        for (String warning : warnings) page.say("! " + warning);
    }

    private void why(Page page) {
        page.blank();
        page.say("Why");
        for (JsonObject hold : objects(approval, "holds"))
            page.say("  rule " + member(hold, "rule") + " asks " + names(hold, "approvers") + ": "
                    + member(hold, "given") + " of " + member(hold, "required")
                    + (hold.isTrue("distinctGroups") ? ", each of another group" : "")
                    + hold.text("confirm")
                            .map(by -> "; type the value of " + Legible.line(by))
                            .orElse(""));
    }

    /// Of a plan, the calls that would run without asking again.
    private void planned(Page page) {
        List<String> calls = texts(approval, "planned");
        if (calls.isEmpty()) return;
        page.blank();
        page.say("Planned calls; those that people are asked for run when the agent makes them");
        for (String call : calls) page.say("  " + call);
    }

    private void arguments(Page page, Room room) {
        page.blank();
        page.say("Arguments");
        approval.text("argumentsDigest").ifPresent(digest -> page.say("  " + digest));
        approval.text("argumentsNote").ifPresent(note -> page.say("  " + note));
        approval.get("arguments")
                .ifPresentOrElse(
                        arguments -> Exhibit.lay(page, room, BAR, ARGUMENTS, arguments),
                        () -> page.say("  They are not kept any more."));
    }

    private void changes(Page page, Room room) {
        var before = approval.get("proposed");
        var after = approval.get("arguments");
        if (before.isEmpty() || after.isEmpty()) return;
        page.blank();
        page.say("Changed from what the agent proposed"
                + approval.text("editedBy")
                        .map(who -> ", by policy or by " + Legible.line(who))
                        .orElse(", by policy"));
        for (Difference difference : Difference.between(ARGUMENTS, before.get(), after.get())) {
            page.put(BAR, BAR + Page.MORE, List.of(new Segment.Plain(difference.place())));
            difference.before().ifPresent(value -> Exhibit.lay(page, room, BAR + "- ", difference.place(), value));
            difference.after().ifPresent(value -> Exhibit.lay(page, room, BAR + "+ ", difference.place(), value));
        }
    }

    private void people(Page page) {
        page.blank();
        String able = names(approval, "canDecide");
        page.say("Who can decide: " + (able.isEmpty() ? "nobody now" : able));
        for (JsonObject hold : objects(approval, "holds"))
            for (JsonObject vote : objects(hold, "votes"))
                page.say("  " + member(vote, "voter") + " approved for " + member(hold, "rule") + " at "
                        + member(vote, "at"));
        for (JsonObject handed : objects(approval, "delegations"))
            page.say("  " + member(handed, "from") + " handed it to " + member(handed, "to") + " at "
                    + member(handed, "at"));
        page.say("Opened " + text("openedAt") + ", expires " + text("expiresAt")
                + approval.text("usableUntil")
                        .map(until -> ", to be used until " + until)
                        .orElse(""));
        approval.object("closed")
                .ifPresent(closed -> page.say("Closed (" + member(closed, "why") + ") at " + member(closed, "at")
                        + (member(closed, "by").isEmpty() ? "" : " by " + member(closed, "by"))
                        + closed.text("reason")
                                .map(said -> ": " + Exhibit.quoted(Legible.of(said)))
                                .orElse("")));
        page.say("Approval " + text("id") + ", call " + text("callId") + ", session " + text("session"));
    }

    /// How far it could reach, and how far those who voted want it to.
    private void remember(Page page) {
        approval.object("remember")
                .ifPresent(span -> page.say("It could be remembered for " + member(span, "max")
                        + " at most; without that it is for this one call."));
        for (JsonObject hold : objects(approval, "holds"))
            for (JsonObject vote : objects(hold, "votes"))
                vote.object("scope")
                        .ifPresent(scope -> page.say(
                                "  " + member(vote, "voter") + " wants more: " + Legible.line(scope.toString())));
        approval.text("grant").ifPresent(grant -> page.say("It is remembered: " + Legible.line(grant)));
        if (approval.has("grants")) page.say("It gave " + names(approval, "grants"));
        approval.object("preview").ifPresent(preview -> {
            page.say("Remembered as you say: " + member(preview, "sentence"));
            for (String call : texts(preview, "denied")) page.say("  denied before: " + Legible.line(call));
        });
    }

    private void dialogue(Page page, Room room) {
        List<JsonObject> parts = objects(approval, "dialogue");
        if (parts.isEmpty()) return;
        page.blank();
        page.say("Questions and answers");
        for (JsonObject part : parts) {
            String trust = part.isTrue("trusted") ? "" : " (not verified)";
            page.say("  " + member(part, "part") + " by " + member(part, "by") + " at " + member(part, "at") + trust
                    + ":");
            Exhibit.lay(page, room, BAR, "text", part.get("text").orElse(JsonObject.EMPTY));
        }
    }

    private void agentSays(Page page, Room room) {
        words().ifPresent(said -> {
            page.blank();
            page.say("The agent says (not verified)");
            box(page, said, room);
        });
    }

    private Optional<Json> words() {
        return approval.object("agentSays").flatMap(said -> said.get("reason"));
    }

    private static void box(Page page, Json said, Room room) {
        page.say("  +--");
        Exhibit.lay(page, room, BAR, "reason", said);
        page.say("  +--");
    }

    private String text(String name) {
        return approval.text(name).orElse("");
    }

    /// A member as one line, whatever it is.
    private static String member(JsonObject object, String name) {
        return object.text(name)
                .map(Legible::line)
                .or(() -> object.get(name).map(Json::toString))
                .orElse("");
    }

    private static String names(JsonObject object, String name) {
        return texts(object, name).stream().map(Legible::line).collect(Collectors.joining(", "));
    }

    private static List<String> texts(JsonObject object, String name) {
        return object.array(name).map(JsonArray::texts).orElse(List.of());
    }

    private static List<JsonObject> objects(JsonObject object, String name) {
        return object.array(name).map(JsonArray::objects).orElse(List.of());
    }
}

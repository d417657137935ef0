package dev.guardrail.server.console.approvals;

import dev.guardrail.server.console.Badge;
import dev.guardrail.server.console.Bit;
import dev.guardrail.server.sheet.Comparison;
import dev.guardrail.server.sheet.Listing;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The page of one request: all that somebody sees before they decide, with the queue beside it.
///
/// @param claim what is asked for, in one sentence of ours
/// @param planned calls of a plan, a line each; empty for any other call
/// @param warnings each one sentence
/// @param reason what the agent says, not verified; empty for nothing
/// @param decide how the visitor may decide; null where there is nothing to decide, or not by them
/// @param refusal why the visitor does not decide; empty where they do or nobody does any more
/// @param canary true once it is over and was a test
public record Detail(
        Queue queue,
        Facts facts,
        List<Bit> claim,
        List<List<Bit>> planned,
        List<List<Bit>> warnings,
        Arguments arguments,
        List<Hold> holds,
        People people,
        List<Said> dialogue,
        List<Step> session,
        List<Listing.Row> reason,
        @Nullable Decide decide,
        String refusal,
        boolean canary) {
    public Detail {
        planned = List.copyOf(planned);
        warnings = List.copyOf(warnings);
        holds = List.copyOf(holds);
        dialogue = List.copyOf(dialogue);
        session = List.copyOf(session);
        reason = List.copyOf(reason);
    }

    /// What the request is, and how it stands.
    ///
    /// @param elapsed share of its time that is over, in a hundred parts
    /// @param closing how it ended, in one sentence; empty while it is open
    /// @param words what whoever ended it said
    /// @param signature of what the page shows, by which it learns that it is another by now
    /// @param grants that came of it
    public record Facts(
            String id,
            String call,
            String session,
            List<Bit> tool,
            String agent,
            String user,
            Badge risk,
            Outcome outcome,
            boolean pending,
            String openedAt,
            String until,
            String left,
            int elapsed,
            String closing,
            List<Bit> words,
            List<Given> grants,
            String signature) {
        public Facts {
            tool = List.copyOf(tool);
            words = List.copyOf(words);
            grants = List.copyOf(grants);
        }

        public String url() {
            return "/console/approvals/" + id;
        }

        /// True while calls may still run by one of the grants.
        public boolean reaches() {
            return grants.stream().anyMatch(Given::active);
        }
    }

    /// A grant that came of the request, as it stands now.
    public record Given(String id, Badge badge, boolean active) {}

    /// The arguments, whole, with what changed.
    ///
    /// @param kept false where they are not kept any more
    /// @param note what is to be known of them; empty for nothing
    /// @param edited how they differ from what the agent proposed
    /// @param editor who changed them last; empty where policy did
    /// @param sinceLast how they differ from the session's last call of the same tool
    /// @param last what became of that; null where there was none
    /// @param closed places that have to be opened, with the address that opens each
    /// @param openAll address that opens all of them
    public record Arguments(
            boolean kept,
            String digest,
            String note,
            List<Listing.Row> rows,
            List<Comparison> edited,
            String editor,
            List<Comparison> sinceLast,
            @Nullable Badge last,
            List<Closed> closed,
            String openAll) {
        public Arguments {
            rows = List.copyOf(rows);
            edited = List.copyOf(edited);
            sinceLast = List.copyOf(sinceLast);
            closed = List.copyOf(closed);
        }

        /// Where a place is opened; the page itself for one that is open.
        public String opening(String place) {
            return closed.stream()
                    .filter(each -> each.place().equals(place))
                    .findFirst()
                    .map(Closed::url)
                    .orElse(openAll);
        }
    }

    /// A place that has to be opened.
    public record Closed(String place, String url) {}

    /// A rule that holds the call.
    ///
    /// @param asked whom it asks
    /// @param confirm what has to be typed; empty for nothing
    /// @param escalation who is called in next, and when; empty for nobody
    /// @param position where the rule stands, for those who may see it; empty for others
    /// @param condition its condition, for the same
    /// @param saw values of the arguments that the condition names, for the same
    public record Hold(
            String rule,
            String asked,
            int given,
            int required,
            boolean distinctGroups,
            String confirm,
            List<Voter> votes,
            String escalation,
            String position,
            String condition,
            List<Seen> saw) {
        public Hold {
            votes = List.copyOf(votes);
            saw = List.copyOf(saw);
        }
    }

    /// Somebody who approved.
    public record Voter(String name, String at, String initials, boolean you) {}

    /// A value that a condition read.
    public record Seen(String name, List<Bit> value) {}

    /// Who decides, and who does not.
    ///
    /// @param able operators with a vote
    /// @param unable operators whom a rule names and who have none, with why
    /// @param handed `ann handed it to bob`
    public record People(List<String> able, List<Unable> unable, List<String> handed) {
        public People {
            able = List.copyOf(able);
            unable = List.copyOf(unable);
            handed = List.copyOf(handed);
        }
    }

    /// Somebody without a vote.
    public record Unable(String name, String why) {}

    /// A question or an answer.
    ///
    /// @param trusted false for what the agent's side says
    public record Said(String by, String at, boolean trusted, List<Bit> words) {}

    /// A call of the session before this one.
    public record Step(List<Bit> tool, Badge badge, String at) {}

    /// How the visitor may decide.
    ///
    /// @param token lets this page decide, once
    /// @param error what was wrong with the last try; empty for nothing
    /// @param typed the reason as it was typed then
    /// @param closed true while something has to be opened before one approves
    /// @param confirms what has to be typed, each once
    /// @param editable the arguments as JSON, to be changed; empty where they are not kept whole
    /// @param reach how far an approval could reach; null where it is for the one call alone
    public record Decide(
            String token,
            String error,
            String typed,
            boolean closed,
            List<String> confirms,
            String editable,
            @Nullable Reach reach) {
        public Decide {
            confirms = List.copyOf(confirms);
        }
    }

    /// How far an approval could reach.
    ///
    /// @param max the longest that it is remembered
    /// @param spans to choose from
    /// @param names of arguments that could be left open, in the order by which a form names them
    /// @param sums places of those that are numbers, which could be added up instead
    /// @param scope what was chosen, as JSON; empty while nothing is
    /// @param words the same in words
    /// @param effect what it would have meant, in one sentence
    /// @param denied calls among those that people denied
    /// @param objection why it cannot be had; empty where it can
    public record Reach(
            String max,
            List<String> spans,
            List<List<Bit>> names,
            List<Integer> sums,
            String scope,
            String words,
            String effect,
            List<String> denied,
            String objection) {
        public Reach {
            spans = List.copyOf(spans);
            names = List.copyOf(names);
            sums = List.copyOf(sums);
            denied = List.copyOf(denied);
        }
    }
}

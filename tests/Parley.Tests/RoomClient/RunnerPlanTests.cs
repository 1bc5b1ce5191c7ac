using Parley.Client.Rooms.Supervision;
using Parley.Protocol.Errors;

namespace Parley.Tests.RoomClient;

public sealed class RunnerPlanTests
{
    private static readonly string[] _bypasses = ["skip-permissions", "bypass", "yolo", "full-auto", "danger", "skip-trust", "auto_edit", "acceptEdits"];

    public static TheoryData<RunnerKind> Presets => [RunnerKind.Claude, RunnerKind.Codex, RunnerKind.Gemini];

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_preset_bypasses_no_permission_check(RunnerKind kind)
    {
        var words = new RunnerPlan(kind).WordsFor(null, "id", "/r").Concat(new RunnerPlan(kind).WordsFor("old", "id", "/r"));

        Assert.DoesNotContain(words, word => _bypasses.Any(bypass => word.Contains(bypass, StringComparison.OrdinalIgnoreCase)));
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void A_preset_bypasses_them_when_it_is_told_so_by_name(RunnerKind kind) =>
        Assert.Contains(new RunnerPlan(kind) { SkipsPermissions = true }.WordsFor(null, "id", "/r"), word => _bypasses.Any(bypass => word.Contains(bypass, StringComparison.Ordinal)));

    [Theory]
    [InlineData(RunnerKind.Claude, "claude -p --output-format json --session-id=NEW", "claude -p --output-format json --resume=OLD")]
    [InlineData(RunnerKind.Codex, "codex exec --json --skip-git-repo-check -o /r -m x -", "codex exec --json --skip-git-repo-check -o /r -m x resume OLD -")]
    [InlineData(RunnerKind.Gemini, "gemini --output-format json --session-id NEW", "gemini --output-format json --resume OLD")]
    public void A_preset_begins_a_conversation_and_takes_it_up_again(RunnerKind kind, string first, string later)
    {
        var plan = new RunnerPlan(kind) { Arguments = kind == RunnerKind.Codex ? ["-m", "x"] : [] };

        Assert.Equal(first, string.Join(' ', plan.WordsFor(null, "NEW", "/r")));
        Assert.Equal(later, string.Join(' ', plan.WordsFor("OLD", "OLD", "/r")));
    }

    [Fact]
    public void A_command_of_the_users_own_runs_in_bash_as_it_stands() =>
        Assert.Equal(["bash", "-lc", "a | b"], new RunnerPlan(RunnerKind.Custom) { Command = "a | b" }.WordsFor("x", "y", "/r"));

    [Theory]
    [InlineData(RunnerKind.Custom, " plain text \n", "plain text", "s")]
    [InlineData(RunnerKind.Claude, """{"type":"result","is_error":false,"result":"hi\n","session_id":"abc"}""", "hi", "abc")]
    [InlineData(RunnerKind.Gemini, """{"session_id":"abc","response":"hi","stats":{}}""", "hi", "abc")]
    [InlineData(RunnerKind.Codex, "{\"type\":\"thread.started\",\"thread_id\":\"abc\"}\nnoise\n{\"type\":\"item.completed\",\"item\":{\"type\":\"reasoning\",\"text\":\"no\"}}\n{\"type\":\"item.completed\",\"item\":{\"type\":\"agent_message\",\"text\":\"hi\"}}\n", "hi", "abc")]
    [InlineData(RunnerKind.Claude, "an older one prints text", "an older one prints text", "s")]
    public void The_answer_and_the_conversation_are_found(RunnerKind kind, string output, string text, string session) =>
        Assert.Equal(new RunnerReply(text, session), new RunnerPlan(kind).Read(output, string.Empty, "s"));

    [Fact]
    public void The_response_file_wins_unless_it_is_empty()
    {
        var plan = new RunnerPlan(RunnerKind.Custom);

        Assert.Equal("file", plan.Read("output", " file\n", "s").Text);
        Assert.Equal("output", plan.Read("output", " \n", "s").Text);
    }

    [Theory]
    [InlineData(RunnerKind.Claude, """{"is_error":true,"result":"no credit"}""")]
    [InlineData(RunnerKind.Gemini, """{"error":{"message":"no key"}}""")]
    [InlineData(RunnerKind.Codex, """{"type":"turn.failed","error":{}}""")]
    public void A_program_that_says_it_failed_did(RunnerKind kind, string output) =>
        Assert.Equal(ErrorCode.ResponderFailed, Assert.Throws<ParleyException>(() => new RunnerPlan(kind).Read(output, string.Empty, "s")).Code);
}

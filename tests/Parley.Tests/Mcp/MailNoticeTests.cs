using System.Text.Json;
using Parley.Cli.Mcp;
using Parley.Protocol.Management;
using Parley.Testing;

namespace Parley.Tests.Mcp;

public sealed class MailNoticeTests
{
    private static readonly DateTimeOffset _now = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void New_mail_is_told_of_once_and_again_when_a_session_begins()
    {
        var (told, memory) = MailNotice.Of(new HookEvent("PostToolUse", false), [Mail("1"), Mail("2", held: true)], MailMemory.None, _now);
        var (silent, after) = MailNotice.Of(new HookEvent("UserPromptSubmit", false), [Mail("1")], memory, _now);
        var (begun, _) = MailNotice.Of(new HookEvent("SessionStart", false), [Mail("1")], after, _now);

        using var output = JsonDocument.Parse(told);
        var specific = output.RootElement.GetProperty("hookSpecificOutput");
        Assert.Equal("PostToolUse", specific.GetProperty("hookEventName").GetString());
        Assert.Contains("message 1 of acme.b. Unread messages: 1.", specific.GetProperty("additionalContext").GetString(), StringComparison.Ordinal);
        Assert.Equal("{}", silent);
        Assert.Contains("message 1 of acme.b", begun, StringComparison.Ordinal);
    }

    [Fact]
    public void Before_it_stops_a_client_is_held_up_once_and_let_go_then()
    {
        var (output, memory) = MailNotice.Of(MailNotice.Read("""{"hook_event_name":"Stop","stop_hook_active":false}"""), [Mail("1")], MailMemory.None, _now);

        Assert.StartsWith("""{"decision":"block","reason":"Parley: mail""", output, StringComparison.Ordinal);
        Assert.False(MailNotice.IsDue(MailNotice.Read("""{"hook_event_name":"Stop","stop_hook_active":true}"""), memory, _now));
        Assert.Equal("{}", MailNotice.Of(new HookEvent("Stop", false), [Mail("1")], memory, _now).Output);
    }

    [Theory]
    [InlineData("PostToolUse", 9, false)]
    [InlineData("AfterTool", 10, true)]
    [InlineData("PostToolUse", -1, true)]
    [InlineData("UserPromptSubmit", 0, true)]
    public void After_tools_it_looks_seldom(string name, int seconds, bool isDue) =>
        Assert.Equal(isDue, MailNotice.IsDue(new HookEvent(name, false), new MailMemory(_now, []), _now.AddSeconds(seconds)));

    [Fact]
    public void What_was_read_is_forgotten_and_memory_is_bounded()
    {
        var (_, memory) = MailNotice.Of(new HookEvent("Stop", false), [.. Enumerable.Range(0, 900).Select(number => Mail($"{number}"))], MailMemory.None, _now);
        var (_, after) = MailNotice.Of(new HookEvent("Stop", false), [], memory, _now);

        Assert.Equal((500, 0), (memory.Told.Count, after.Told.Count));
    }

    [Fact]
    public void Whatever_a_client_says_is_an_event() => Fuzz.Run(
        3,
        Fuzz.Count,
        random => System.Text.Encoding.Latin1.GetString(Fuzz.Mutate(random, """{"hook_event_name":"Stop","stop_hook_active":true}"""u8)),
        input => Assert.NotNull(MailNotice.Read(input).Name));

    private static MailboxView Mail(string id, bool held = false) => new("acme.b", id, "request", "text", "t", string.Empty, held, 5, _now, _now);
}

using Parley.Cli.Supervise;
using Parley.Client.Rooms.Supervision;
using Parley.Protocol.Errors;

namespace Parley.Tests.RoomClient;

public sealed class SuperviseArgumentsTests
{
    private static readonly SuperviseWishes _listen = new() { Mode = "listen", Command = "cat" };

    [Fact]
    public void A_listener_is_headless_unless_told_otherwise_and_others_are_not()
    {
        Assert.True(Of(_listen).Options.IsHeadless);
        Assert.False(Of(_listen with { IsHeadless = false }).Options.IsHeadless);
        Assert.False(Of(_listen with { Mode = "join", InviteCode = "invite_1" }).Options.IsHeadless);
    }

    [Fact]
    public void Command_and_invite_come_from_the_environment_too()
    {
        var arguments = SuperviseArguments.Of(new SuperviseWishes { Mode = "join" }, name => name switch { "A2A_RUNNER_COMMAND" => "cat", "A2A_INVITE" => "invite_1", _ => null });

        Assert.Equal(("cat", "invite_1", SupervisorMode.Join), (arguments.Plan.Command, arguments.Options.Code, arguments.Options.Mode));
    }

    [Theory]
    [InlineData("host", null, null, null, "cat", null)]
    [InlineData("host", " ", null, null, "cat", null)]
    [InlineData("host", "g", "invite_1", null, "cat", null)]
    [InlineData("join", null, null, null, "cat", null)]
    [InlineData("join", null, null, "listen_1", "cat", null)]
    [InlineData("listen", null, "invite_1", null, "cat", null)]
    [InlineData("listen", null, null, null, null, null)]
    [InlineData("listen", null, null, null, "cat", "claude")]
    [InlineData("listen", null, null, null, null, "copilot")]
    [InlineData("serve", null, null, null, "cat", null)]
    public void What_does_not_fit_is_a_usage_error(string mode, string? goal, string? invite, string? listener, string? command, string? kind)
    {
        var wishes = new SuperviseWishes { Mode = mode, Goal = goal, InviteCode = invite, ListenerCode = listener, Command = command, Kind = kind };

        Assert.Equal(ErrorCode.InvalidArgument, Assert.Throws<ParleyException>(() => Of(wishes)).Code);
    }

    [Fact]
    public void Skipping_permissions_is_for_presets() =>
        Assert.Throws<ParleyException>(() => Of(_listen with { SkipsPermissions = true }));

    [Fact]
    public void A_preset_is_taken_by_name()
    {
        var plan = Of(new SuperviseWishes { Mode = "listen", Kind = "codex", RunnerArguments = ["-m", "x"] }).Plan;

        Assert.Equal((RunnerKind.Codex, false), (plan.Kind, plan.SkipsPermissions));
        Assert.Equal(["-m", "x"], plan.Arguments);
    }

    private static SuperviseArguments Of(SuperviseWishes wishes) => SuperviseArguments.Of(wishes, _ => null);
}

using System.Text;
using Google.Protobuf;
using Parley.Client.Messaging;
using Parley.EndToEndTests.Cli;
using Parley.Protocol.Wire;

namespace Parley.EndToEndTests.A2a;

/// <summary>Lists have all that there is, not the hub's first page.</summary>
public sealed class WholeListTests
{
    private const int MoreThanAPage = 101;

    [Fact]
    public async Task The_inbox_has_all_that_waits()
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("a");
        await agents.EnrolAsync("b");
        var sender = await agents.SenderAsync("a");
        for (var number = 0; number < MoreThanAPage; number++)
        {
            var message = new Message { Content = ByteString.CopyFrom($"message {number}", Encoding.UTF8) };
            await sender.SendAsync("b", new SendRequest(message, MessageType.Text) { Waits = false }, null, TestContext.Current.CancellationToken);
        }

        var plain = await ParleyProgram.RunAsync(hub.HomeOf("b"), "a2a", "inbox");
        var json = await ParleyProgram.RunAsync(hub.HomeOf("b"), "a2a", "inbox", "--json");

        Assert.Equal(MoreThanAPage, plain.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
        Assert.Equal(MoreThanAPage, json.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
    }

    [Theory]
    [InlineData("local.b  gone")]
    [InlineData("""{"address":"local.b","gone":true}""", "--json")]
    public async Task Agents_that_are_removed_are_told_by_watch(string line, params string[] options)
    {
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("a");
        await agents.EnrolAsync("b");
        await using var watch = ParleyProgram.Start(hub.HomeOf("a"), ["agents", "--watch", .. options]);
        await watch.WaitForOutputAsync("local.b");

        await hub.AdminAsync("agents", "remove", "local.b");

        await watch.WaitForOutputAsync(line);
        Assert.False(watch.HasExited);
    }
}

using System.Text.Json;
using Parley.EndToEndTests.PeerToPeer;

namespace Parley.EndToEndTests.Cli;

/// <summary>What a home says of itself: <c>status</c>, <c>doctor</c>, <c>pins</c>.</summary>
public sealed class HomeCommandTests
{
    [Fact]
    public async Task Status_tells_what_waits_in_the_mailbox()
    {
        await using var hub = await TwoHomes.StartAsync();
        var before = await ParleyProgram.RunAsync(hub.HomeOf("b"), "status");
        await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "one", "--no-wait");
        await ParleyProgram.RunAsync(hub.HomeOf("a"), "a2a", "send", "agent-b", "two", "--no-wait");

        var after = await ParleyProgram.RunAsync(hub.HomeOf("b"), "status");
        using var json = JsonDocument.Parse((await ParleyProgram.RunAsync(hub.HomeOf("b"), "status", "--json")).Output);

        Assert.Contains("mailbox  empty\n", before.Output, StringComparison.Ordinal);
        Assert.Contains("mailbox  2 waiting", after.Output, StringComparison.Ordinal);
        Assert.Equal(2, json.RootElement.GetProperty("waiting").GetInt32());
    }

    [Fact]
    public async Task Doctor_tells_who_sees_the_agent_and_whose_messages_it_takes()
    {
        await using var hub = await TwoHomes.StartAsync();
        var before = await ParleyProgram.RunAsync(hub.HomeOf("a"), "doctor");
        await hub.AdminAsync("agents", "label", "local.agent-a", "--visibility", "public");
        await ParleyProgram.RunAsync(hub.HomeOf("a"), "contacts", "accept", "partner.*");

        var after = await ParleyProgram.RunAsync(hub.HomeOf("a"), "doctor");

        Assert.Equal((0, 0), (before.ExitCode, after.ExitCode));
        Assert.Contains("ok   seen by: agents and keys of local, and of owners that accepted it\n", before.Output, StringComparison.Ordinal);
        Assert.Contains("ok   seen by: everybody; its card needs no key\n", after.Output, StringComparison.Ordinal);
        Assert.Contains("ok   written to by: messages of local.*, partner.* are taken; those of others wait", after.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pins_are_listed_and_forgotten_without_the_hub()
    {
        await using var hub = await TwoHomes.StartAsync();
        await ParleyProgram.RunAsync(hub.HomeOf("a"), "verify", "agent-b", "--yes");
        var b = await ParleyProgram.RunAsync(hub.HomeOf("b"), "whoami", "--json");
        hub.Process.Halt();
        try
        {
            var listed = await ParleyProgram.RunAsync(hub.HomeOf("a"), "pins", "list", "--json");
            var forgotten = await ParleyProgram.RunAsync(hub.HomeOf("a"), "pins", "forget", "agent-b");
            var again = await ParleyProgram.RunAsync(hub.HomeOf("a"), "pins", "forget", "agent-b");
            var empty = await ParleyProgram.RunAsync(hub.HomeOf("a"), "pins", "list", "--json");

            using var json = JsonDocument.Parse(listed.Output);
            var pin = Assert.Single(json.RootElement.EnumerateArray());
            Assert.Equal(("local.agent-b", "verified"), (pin.GetProperty("agent").GetString(), pin.GetProperty("trust").GetString()));
            Assert.Contains(pin.GetProperty("fingerprint").GetString()!, b.Output, StringComparison.Ordinal);
            Assert.Equal((0, 4, "[]"), (forgotten.ExitCode, again.ExitCode, empty.Output.Trim()));
        }
        finally
        {
            hub.Process.GoOn();
        }
    }
}

using Parley.EndToEndTests.Cli;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.EndToEndTests.A2a;

/// <summary>A listener whose disk is full: it takes nothing that it could not remember, and goes on by itself when there is room.</summary>
public sealed class FullJournalTests
{
    private const int Megabytes = 3;

    [Fact]
    public async Task A_message_waits_while_the_disk_is_full_and_is_handled_once_when_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(Megabytes);
        await using var hub = await HubProcess.StartAsync();
        await using var agents = await RealAgents.OfAsync(hub);
        await agents.EnrolAsync("a");
        var handler = new HandledOnce(hub.Data);
        var home = Path.Combine(disk.FullPath, "home");
        var joined = await ParleyProgram.RunAsync(home, "join", await hub.MakeJoinStringAsync(), "--name", "b");
        Assert.True(joined.ExitCode == 0, joined.Error);
        await using var listener = ParleyProgram.Start(home, "a2a", "listen", "--exec", handler.Program);
        await listener.WaitForErrorAsync("listening");
        var sender = await agents.SenderAsync("a");

        disk.Fill();
        var sending = sender.SendAsync("b", TestSender.Text("remember me"), null, CancellationToken.None);
        await listener.WaitForErrorAsync("Messages wait until there is room");
        var handledMeanwhile = handler.Count;
        disk.Free();
        var result = await sending;

        await listener.WaitForErrorAsync("messages are taken again");
        Assert.Equal("remember me", TestSender.TextOf(result));
        Assert.Equal((0, 1), (handledMeanwhile, handler.Count));
    }
}

using System.Net;
using Parley.Client.Messaging;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Faults;

/// <summary>A hub whose disk is full: what needs the store is refused in clear words, what does not goes on, and all of it comes back with the space.</summary>
public sealed class FullDiskTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_that_must_be_stored_is_refused_and_taken_again_when_there_is_space()
    {
        await using var disk = await SmallDisk.MountAsync(4);
        await using var hub = await StartAsync(disk);
        var bob = await hub.EnrolAsync("bob");
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
        var before = await sender.SendAsync("bob", Kept("before"), Stop);

        disk.Fill();
        var refused = await RefusedAsync(sender);
        disk.Free();
        await Deadline.UntilAsync(async () => (await sender.SendAsync("bob", Kept("again"), Stop)).Status == SendStatus.Held, "a message that is held again");
        await using var listener = await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("late"), cancellationToken: Stop);
        var answer = await sender.Sender.WaitForAsync(before.Id, Deadline.Shared, null, Stop);

        Assert.Equal((SendStatus.Refused, ErrorCode.Unavailable), (refused.Status, refused.Error!.Code));
        Assert.Contains("store", refused.Error.Message, StringComparison.Ordinal);
        Assert.Equal("late", TestSender.TextOf(answer));
    }

    [Fact]
    public async Task Messages_between_agents_that_are_online_need_no_disk()
    {
        await using var disk = await SmallDisk.MountAsync(4);
        await using var hub = await StartAsync(disk);
        await hub.ConnectListenerAsync(await hub.EnrolAsync("bob"), (_, _) => Task.FromResult("here"), cancellationToken: Stop);
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);

        disk.Fill();
        var answers = new List<SendResult>();
        for (var number = 0; number < 20; number++)
        {
            answers.Add(await sender.AskAsync("bob", "x", Stop));
        }

        Assert.All(answers, answer => Assert.Equal("here", TestSender.TextOf(answer)));
    }

    [Fact]
    public async Task A_listener_that_comes_while_the_disk_is_full_is_told_and_stands_when_there_is_space()
    {
        await using var disk = await SmallDisk.MountAsync(4);
        await using var hub = await StartAsync(disk);
        var bob = await hub.EnrolAsync("bob");
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
        disk.Fill();
        await RefusedAsync(sender);

        var connecting = hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("here"), cancellationToken: Stop);
        await Deadline.UntilAsync(() => hub.Log.ToString().Contains("Refused a link over grpc: unavailable", StringComparison.Ordinal), "a refused link");
        disk.Free();
        await connecting.WaitAsync(Deadline.Shared, Stop);

        Assert.Equal("here", TestSender.TextOf(await sender.AskAsync("bob", "x", Stop)));
    }

    [Fact]
    public async Task Ready_says_that_the_store_fails_and_that_it_is_back_without_anybody_writing()
    {
        await using var disk = await SmallDisk.MountAsync(4);
        await using var hub = await StartAsync(disk);
        using var http = new HttpClient { BaseAddress = hub.Hub.Http };
        await hub.EnrolAsync("bob");
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);

        disk.Fill();
        await RefusedAsync(sender);
        using var full = await http.GetAsync("/ready", Stop);
        var text = await full.Content.ReadAsStringAsync(Stop);
        disk.Free();
        await Deadline.UntilAsync(async () => (await http.GetAsync("/ready", Stop)).StatusCode == HttpStatusCode.OK, "readiness");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "{\"status\":\"store\"}"), (full.StatusCode, text));
    }

    private static async Task<HubFixture> StartAsync(SmallDisk disk)
    {
        var hub = await HubFixture.StartAsync(options => options.DataFolder = Path.Combine(disk.FullPath, "data"));
        hub.Log.Allow("Store cannot write");
        hub.Log.Allow("The store did not take a message");
        hub.Log.Allow("rows of the message log were lost");
        return hub;
    }

    /// <summary>Sends what is larger than what the files have in reserve.</summary>
    private static async Task<SendResult> RefusedAsync(TestSender sender)
    {
        SendResult result;
        do
        {
            result = await sender.SendAsync("bob", Kept(new string('.', 60_000)), Stop);
        }
        while (result.Status == SendStatus.Held);

        return result;
    }

    private static SendRequest Kept(string text) => TestSender.Text(text) with { Waits = false };
}

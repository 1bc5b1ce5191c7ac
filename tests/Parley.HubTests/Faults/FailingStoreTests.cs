using Microsoft.Data.Sqlite;
using Parley.Client.Messaging;
using Parley.Hub.Connections;
using Parley.Hub.Messaging;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;
using Parley.Sqlite;
using Parley.Testing;
using Parley.Testing.Faults;

namespace Parley.HubTests.Faults;

/// <summary>A store that cannot delete for a while: what was to leave the mailboxes leaves them afterwards, or is delivered.</summary>
public sealed class FailingStoreTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_could_not_expire_expires_when_the_store_writes_again()
    {
        await using var hub = await StartAsync();
        await hub.EnrolAsync("bob");
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
        await HoldUpAsync(hub);
        var held = await sender.SendAsync("bob", Kept() with { TimeToLive = TimeSpan.FromMilliseconds(300) }, Stop);

        await FailedAsync(hub);
        await LetGoAsync(hub);
        var result = await sender.Sender.WaitForAsync(held.Id, Deadline.Shared, null, Stop);

        Assert.Equal((SendStatus.Expired, ErrorCode.MessageExpired), (result.Status, result.Error?.Code));
    }

    [Fact]
    public async Task What_could_not_be_withdrawn_is_delivered()
    {
        await using var hub = await StartAsync();
        var bob = await hub.EnrolAsync("bob");
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
        var held = await sender.SendAsync("bob", Kept(), Stop);
        await HoldUpAsync(hub);

        sender.Link.Post(EnvelopeFactory.Cancel(held.Id, "bob", EnvelopeId.Parse("cancel")));
        await FailedAsync(hub);
        await LetGoAsync(hub);
        await hub.ConnectListenerAsync(bob, (_, _) => Task.FromResult("done"), cancellationToken: Stop);
        var result = await sender.Sender.WaitForAsync(held.Id, Deadline.Shared, null, Stop);

        Assert.Equal("done", TestSender.TextOf(result));
    }

    [Fact]
    public async Task What_was_acknowledged_meanwhile_is_deleted_when_the_store_writes_again()
    {
        await using var hub = await StartAsync();
        var bob = await hub.EnrolAsync("bob");
        var sender = await hub.ConnectSenderAsync(await hub.EnrolAsync("alice"), cancellationToken: Stop);
        var held = await sender.SendAsync("bob", Kept(), Stop);
        await using var listener = await RawLink.AttachAsync(hub, bob, SessionRole.Listen, LinkKind.Grpc, Stop);
        var delivery = (await listener.ReadAsync(Frame.BodyOneofCase.Delivery, Stop)).Delivery;
        await HoldUpAsync(hub);

        listener.Outbox.Send(new Frame { Ack = new Ack { Numbers = { delivery.Number } } });
        await FailedAsync(hub);
        await LetGoAsync(hub);

        var store = hub.Get<MailboxStore>();
        await Deadline.UntilAsync(async () => (await store.ListAsync("acme.bob", 10, 0)).Total == 0, "the row to be deleted");
        Assert.Contains(await store.ReceiptsAsync("acme.alice", held.Id), receipt => receipt.State == ReceiptState.Delivered);
    }

    private static async Task<HubFixture> StartAsync()
    {
        // A row of the message log in the same commit would be lost with it, which is said as well.
        var hub = await HubFixture.StartAsync(options => options.MessageLog = MessageLogMode.Off);
        hub.Log.Allow("Store cannot write");
        hub.Log.Allow("A periodic step of the hub failed");
        hub.Log.Allow("A background step of the router failed");
        return hub;
    }

    /// <summary>From now on SQLite takes back every transaction that deletes from a mailbox, as it does when the disk is full.</summary>
    private static Task HoldUpAsync(HubFixture hub) =>
        ExecuteAsync(hub, "CREATE TRIGGER held_up BEFORE DELETE ON mailbox BEGIN SELECT RAISE(ROLLBACK, 'full'); END");

    private static Task LetGoAsync(HubFixture hub) => ExecuteAsync(hub, "DROP TRIGGER held_up");

    private static Task FailedAsync(HubFixture hub) =>
        Deadline.UntilAsync(() => hub.Log.ToString().Contains("Store cannot write", StringComparison.Ordinal), "a write to fail");

    private static Task ExecuteAsync(HubFixture hub, string sql) => hub.Get<SqliteStore>().WriteAsync(
        connection =>
        {
            using var command = new SqliteCommand(sql, connection);
            command.Transaction = null;
            command.ExecuteNonQuery();
        },
        Stop);

    private static SendRequest Kept() => TestSender.Text("x") with { Waits = false };
}

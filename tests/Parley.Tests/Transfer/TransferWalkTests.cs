using Parley.Client.Transfer;
using Parley.Client.Transfer.Disk;
using Parley.Protocol.Errors;
using Parley.Testing.Peering;

namespace Parley.Tests.Transfer;

/// <summary>Trees that cannot be walked to their end: what was not seen is not taken for what is not there.</summary>
public sealed class TransferWalkTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_walk_that_fails_ends_both_ends_and_nothing_is_received_or_removed(bool breaksPath, bool isFolderGone)
    {
        CuttableStream? path = null;
        using var stage = new TransferStage
        {
            SenderEnd = stream => path = (CuttableStream)stream,
            OpenFolder = name => new HookedFolder(Folder.Open(name)) { BeforeLooking = Look },
        };
        stage.Write("tree/a", "new"u8);
        stage.Write("tree/shut", "new"u8);
        stage.WriteOld("tree/shut", "old");
        var send = new SendOptions { Paths = [stage.From("tree")], Mode = TransferMode.Sync | TransferMode.Delete };
        var receive = new ReceiveOptions { Output = stage.Target.FullPath, AllowsSync = true, AllowsDelete = true };

        await Assert.ThrowsAsync<ParleyException>(() => stage.RunAsync(send, receive));

        Assert.Equal(["tree/shut"], stage.Files());
        Assert.Equal("old", File.ReadAllText(stage.To("tree/shut")));
        Assert.Equal(1, stage.Paths);

        void Look(string name)
        {
            if (name != "shut")
            {
                return;
            }

            if (breaksPath)
            {
                path!.Break();
            }

            throw isFolderGone ? new ObjectDisposedException(name) : new IOException("Permission denied.");
        }
    }
}

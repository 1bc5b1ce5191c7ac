using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Cli;
using Parley.Cli.PeerToPeer;
using Parley.Client.Transfer;
using Parley.Output;
using Parley.Protocol.Errors;
using Parley.Testing;
using Parley.Testing.Peering;

namespace Parley.Tests.Cli;

/// <summary>What somebody is shown before files are taken, and what becomes of them then.</summary>
public sealed class TransferDoorTests : IDisposable
{
    private const int Files = 30;
    private readonly TempFolder _source = new();
    private readonly TempFolder _target = new();
    private readonly MemoryConsole _console = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
        _console.Dispose();
    }

    [Fact]
    public async Task Who_is_asked_sees_who_offers_and_the_whole_list_before_anything_is_written()
    {
        var (exit, _) = await OfferAsync("l\ny\n");

        var shown = _console.ErrorText;
        Assert.Equal(0, exit);
        Assert.Contains("tests.sender (pinned) offers 30 files and 1 folders", shown, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, Files), file => Assert.InRange(shown.IndexOf($"tree/file-{file}.txt  1 B", StringComparison.Ordinal), 0, shown.LastIndexOf("take it?", StringComparison.Ordinal)));
        Assert.Equal(Files, Directory.GetFiles(_target.PathOf("tree")).Length);
    }

    [Fact]
    public async Task Who_says_no_gets_nothing()
    {
        var (exit, refused) = await OfferAsync("n\n");

        Assert.Equal(ErrorMap.Of(ErrorCode.TransferDeclined).Exit, exit);
        Assert.Equal(ErrorCode.TransferDeclined, refused?.Code);
        Assert.Empty(Directory.GetFileSystemEntries(_target.FullPath));
    }

    private async Task<(int Exit, ParleyException? Refused)> OfferAsync(string typed)
    {
        Directory.CreateDirectory(_source.PathOf("tree"));
        for (var file = 0; file < Files; file++)
        {
            await File.WriteAllTextAsync(_source.PathOf($"tree/file-{file}.txt"), "x", Stop);
        }

        var pair = new PeerSessionPair(static _ => CuttableStream.Pair(long.MaxValue));
        using var terminal = new Terminal(new MemoryStream(Encoding.UTF8.GetBytes(typed)), _console.Output, _console.Error, TerminalTraits.None with { IsInputTerminal = true, IsErrorTerminal = true });
        using var context = new CommandContext(new P2pRecvCommand().Parse([]), terminal, static _ => null);
        using var door = new TransferDoor(context, new ReceiveOptions { Output = _target.FullPath }, asks: true, senders: null);
        using var sender = new FileSender(pair.Opener, new SendOptions { Paths = [_source.PathOf("tree")] }, new TransferProgress(), TimeProvider.System, NullLogger.Instance);

        var sending = sender.SendAsync(Stop);
        var exit = await door.TakeAsync(pair.Acceptor, Stop).WaitAsync(Deadline.Shared, Stop);
        return (exit, await Record.ExceptionAsync(() => sending.WaitAsync(Deadline.Shared, Stop)) as ParleyException);
    }
}

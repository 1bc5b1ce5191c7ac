using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Transfer;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.EndToEndTests.Pages;

/// <summary>The page's transfers against our own, both ways.</summary>
public sealed class PageTransferTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_arrives_from_the_page_and_both_ends_have_the_same_hash()
    {
        var source = MakeTree();
        await using var session = new TcpSession(isOpener: false);
        await using var page = PageEnd.Start(session, "send", source);

        var result = await ReceiveAsync(session);
        await page.WaitForExitAsync();

        var sent = PageEnd.LastOf(page, "sent");
        Assert.Equal((5, 0), (result.Files, result.FailedCount));
        Assert.Equal(result.Sha256, sent.GetProperty("hash").GetString());
        AssertSame(source, Path.Combine(_folder.PathOf("in"), "tree"));
    }

    [Fact]
    public async Task A_folder_arrives_at_the_page_and_both_ends_have_the_same_hash()
    {
        var source = MakeTree();
        Directory.CreateDirectory(_folder.PathOf("in"));
        await using var session = new TcpSession(isOpener: true);
        await using var page = PageEnd.Start(session, "receive", _folder.PathOf("in"));

        var result = await SendAsync(session, source);
        await page.WaitForExitAsync();

        var received = PageEnd.LastOf(page, "received");
        Assert.Equal(5, result.Files);
        Assert.Equal(result.Sha256, received.GetProperty("hash").GetString());
        AssertSame(source, Path.Combine(_folder.PathOf("in"), "tree"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Broken_paths_come_to_the_same_bytes_and_what_arrived_stays(bool isFromPage)
    {
        var random = new Random(3);
        var source = Write("large.bin", 40 << 20);
        Directory.CreateDirectory(_folder.PathOf("in"));
        await using var session = new TcpSession(!isFromPage, number => number > 6 ? long.MaxValue : random.Next(3 << 20, 9 << 20));
        await using var page = isFromPage ? PageEnd.Start(session, "send", source) : PageEnd.Start(session, "receive", _folder.PathOf("in"));

        var result = isFromPage ? await ReceiveAsync(session) : await SendAsync(session, source);
        var exit = await page.WaitForExitAsync();

        Assert.Equal(0, exit);
        Assert.True(session.Paths > 3, $"{session.Paths} paths");
        Assert.Equal(Hash(source), result.Sha256);
        Assert.Equal(Hash(source), Hash(Path.Combine(_folder.PathOf("in"), "large.bin")));
    }

    [Fact]
    public async Task A_large_file_leaves_the_page_in_constant_memory()
    {
        Requires.LongRun();
        const long MemoryLimit = 250 << 20;
        var source = Write("large.bin", 400 << 20);
        await using var session = new TcpSession(isOpener: false);
        await using var page = PageEnd.Start(session, "send", source);

        var result = await ReceiveAsync(session);
        await page.WaitForExitAsync();

        Assert.Equal(400L << 20, result.Bytes);
        Assert.InRange(PageEnd.LastOf(page, "sent").GetProperty("memory").GetInt64(), 1, MemoryLimit);
    }

    [Fact]
    public async Task Standard_input_arrives_at_the_page()
    {
        var bytes = RandomNumberGenerator.GetBytes((3 << 20) + 5);
        Directory.CreateDirectory(_folder.PathOf("in"));
        await using var session = new TcpSession(isOpener: true);
        await using var page = PageEnd.Start(session, "receive", _folder.PathOf("in"));

        var result = await SendAsync(session, new SendOptions { Stream = new MemoryStream(bytes), StreamName = "piped" });
        await page.WaitForExitAsync();

        Assert.Equal(bytes.Length, result.Bytes);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(_folder.PathOf("in"), "piped"), Stop));
    }

    [Fact]
    public async Task The_page_hears_that_its_files_are_not_wanted()
    {
        var source = Write("a.bin", 10);
        await using var first = new TcpSession(isOpener: false);
        await using var declined = PageEnd.Start(first, "send", source);

        var refusal = await Assert.ThrowsAsync<ParleyException>(() => ReceiveAsync(first, isWanted: false));
        var exit = await declined.WaitForExitAsync();

        Assert.Equal((ErrorCode.TransferDeclined, 3), (refusal.Code, exit));
        Assert.Equal("transfer.declined", PageEnd.LastOf(declined, "refused").GetProperty("code").GetString());
    }

    [Fact]
    public async Task What_an_earlier_page_sent_does_not_travel_again()
    {
        var source = Write("large.bin", 12 << 20);
        var target = Path.Combine(_folder.PathOf("in"), "large.bin");
        await using (var session = new TcpSession(isOpener: false, static number => number == 0 ? 8 << 20 : 1000))
        await using (var page = PageEnd.Start(session, "send", source))
        {
            using var one = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var receiving = ReceiveAsync(session, token: one.Token);
            await page.WaitForOutputAsync("\"connecting\"");
            page.Kill();
            session.End();
            await Assert.ThrowsAnyAsync<ParleyException>(() => receiving);
        }

        await using var again = new TcpSession(isOpener: false);
        await using var second = PageEnd.Start(again, "send", source);
        var result = await ReceiveAsync(again);
        await second.WaitForExitAsync();

        Assert.Equal(Hash(source), Hash(target));
        Assert.Equal(Hash(source), result.Sha256);
        Assert.Contains("\"state\":\"running\",\"bytes\":7340032", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pages_user_stops_and_our_end_hears_it()
    {
        var source = Write("large.bin", 200 << 20);
        await using var session = new TcpSession(isOpener: false);
        await using var page = PageEnd.Start(session, "send", source);
        var receiving = ReceiveAsync(session);
        await page.WaitForOutputAsync("\"running\"");

        await page.WriteAsync("stop\n");
        var refusal = await Assert.ThrowsAsync<ParleyException>(() => receiving);
        await page.WaitForExitAsync();

        Assert.Equal(ErrorCode.Canceled, refusal.Code);
        Assert.Equal("canceled", PageEnd.LastOf(page, "refused").GetProperty("code").GetString());
    }

    private async Task<TransferResult> ReceiveAsync(TcpSession session, bool isWanted = true, CancellationToken? token = null)
    {
        var options = new ReceiveOptions { Output = _folder.PathOf("in"), Limits = new TransferLimits { ChunkBytes = TransferLimits.MaxChunkBytes } };
        await using var receiver = new FileReceiver(session, options, (_, _) => Task.FromResult(isWanted), new TransferProgress(), TimeProvider.System, NullLogger.Instance);
        try
        {
            return await receiver.ReceiveAsync(token ?? Stop);
        }
        finally
        {
            session.End();
        }
    }

    private static Task<TransferResult> SendAsync(TcpSession session, string source) => SendAsync(session, new SendOptions { Paths = [source] });

    private static async Task<TransferResult> SendAsync(TcpSession session, SendOptions options)
    {
        using var sender = new FileSender(session, options, new TransferProgress(), TimeProvider.System, NullLogger.Instance);
        try
        {
            return await sender.SendAsync(Stop);
        }
        finally
        {
            session.End();
        }
    }

    private string Write(string name, int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        File.WriteAllBytes(_folder.PathOf(name), bytes);
        return _folder.PathOf(name);
    }

    private string MakeTree()
    {
        var tree = _folder.PathOf("tree");
        Directory.CreateDirectory(Path.Combine(tree, "sub", "empty"));
        File.Move(Write("large", (5 << 20) + 3), Path.Combine(tree, "large.bin"));
        File.WriteAllText(Path.Combine(tree, "nothing"), string.Empty);
        foreach (var name in (string[])["one", "two", "größe.txt"])
        {
            File.WriteAllText(Path.Combine(tree, "sub", name), name);
        }

        return tree;
    }

    private static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static void AssertSame(string source, string target)
    {
        string[] Names(string folder) => [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)];
        Assert.Equal(Names(source), Names(target));
        Assert.All(Names(source).Where(name => File.Exists(Path.Combine(source, name))), name => Assert.Equal(Hash(Path.Combine(source, name)), Hash(Path.Combine(target, name))));
    }
}

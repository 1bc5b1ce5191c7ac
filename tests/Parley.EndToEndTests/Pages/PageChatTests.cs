using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Chat;
using Parley.Client.Peering;
using Parley.Client.Peering.Meetings;
using Parley.Client.Transfer;
using Parley.Protocol.Errors;
using Parley.Testing;

namespace Parley.EndToEndTests.Pages;

/// <summary>The page's chats against our own.</summary>
public sealed class PageChatTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(700)]
    public async Task What_is_said_arrives_once_both_ways_also_over_paths_that_break(long cut)
    {
        await using var session = new TcpSession(isOpener: false, number => number < 10 ? cut : long.MaxValue);
        await using var page = PageEnd.Start(session, "chat");
        var end = new End(session);
        var running = end.Talk.RunAsync(Stop);

        for (var number = 0; number < 40; number++)
        {
            end.Talk.Say($"ours {number}");
            await page.WriteAsync($$"""{"say":"theirs {{number}} é"}""" + "\n");
        }

        await Deadline.UntilAsync(() => end.Talk.Waiting == 0 && end.Items.Count == 40, () => page.ToString());
        await page.WriteAsync("{\"leave\":true}\n");
        await running;
        await page.WaitForExitAsync();

        Assert.Equal(Enumerable.Range(0, 40).Select(static number => $"theirs {number} é"), end.Items.Select(static item => item.Text));
        Assert.Equal(Enumerable.Range(0, 40).Select(static number => $"ours {number}"), TextsOf(page));
    }

    [Fact]
    public async Task Typing_is_seen_both_ways_and_our_leaving_ends_the_page()
    {
        await using var session = new TcpSession(isOpener: false);
        await using var page = PageEnd.Start(session, "chat");
        var end = new End(session);
        var running = end.Talk.RunAsync(Stop);

        await page.WriteAsync("{\"typing\":true}\n");
        end.Talk.Type(true);
        await page.WaitForOutputAsync("{\"type\":\"typing\",\"isTyping\":true}");
        await Deadline.UntilAsync(() => end.Typings.Contains(true), "typing");
        end.Talk.Leave();
        await running;

        await page.WaitForOutputAsync("\"left\"");
    }

    [Fact]
    public async Task A_file_is_taken_by_the_page_and_one_of_the_page_by_us_over_a_path_that_breaks()
    {
        var bytes = RandomNumberGenerator.GetBytes(5 << 20);
        var file = _folder.PathOf("file.bin");
        await File.WriteAllBytesAsync(file, bytes, Stop);
        await using var session = new TcpSession(isOpener: false, static number => number < 2 ? 3 << 20 : long.MaxValue);
        await using var page = PageEnd.Start(session, "chat");
        var end = new End(session) { Folder = _folder };
        var running = end.Talk.RunAsync(Stop);

        await page.WriteAsync(JsonSerializer.Serialize(new { offer = file }) + "\n");
        await Deadline.UntilAsync(() => end.Received is not null, () => page.ToString());
        end.Offer(file);
        await page.WaitForOutputAsync("{\"type\":\"file\",\"direction\":\"in\"");
        await page.WaitForOutputAsync("{\"type\":\"file\",\"direction\":\"out\"");
        end.Talk.Leave();
        await running;

        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Assert.Equal(hash, end.Received!.Sha256);
        Assert.Equal(2, page.Output.Split($"\"hash\":\"{hash}\"").Length - 1);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(_folder.PathOf("in"), "file.bin"), Stop));
    }

    private static IEnumerable<string> TextsOf(RealProcess page) => page.Output.Split('\n').Where(static line => line.StartsWith("{\"type\":\"item\"", StringComparison.Ordinal)).Select(static line =>
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.GetProperty("text").GetString()!;
    });

    /// <summary>Our end: takes what is offered, sends what was taken.</summary>
    private sealed class End : IChatEvents, IPeerMeeting
    {
        private readonly IPeerSession _session;
        private string _offered = string.Empty;
        private bool _hasMet;

        public End(IPeerSession session)
        {
            _session = session;
            Talk = new ChatTalk(this, this, new ChatOptions(), TimeProvider.System, RandomNumberGenerator.Fill, NullLogger.Instance);
        }

        public ChatTalk Talk { get; }

        public TempFolder? Folder { get; init; }

        public TransferResult? Received { get; private set; }

        public ConcurrentQueue<ChatItem> Items { get; } = new();

        public ConcurrentQueue<bool> Typings { get; } = new();

        public void Offer(string file)
        {
            _offered = file;
            Talk.Offer(Path.GetFileName(file), new FileInfo(file).Length);
        }

        public Task<IPeerSession> MeetAsync(CancellationToken cancellationToken)
        {
            if (_hasMet)
            {
                throw new ParleyException(ErrorCode.NotFound, "Once.");
            }

            _hasMet = true;
            return Task.FromResult(_session);
        }

        public Task WaitReplacedAsync(IPeerSession session, Func<bool> hasHeard, CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

        public void OnSession(IPeerSession session)
        {
        }

        public void OnStartedAnew()
        {
        }

        public void OnPath(PeerPath path)
        {
        }

        public void OnLost(ParleyException? refusal)
        {
        }

        public void OnItem(ChatItem item)
        {
            Items.Enqueue(item);
            if (item.Kind == ChatItemKind.Offer)
            {
                var session = Talk.OpenFile(isMine: false, item.Number);
                _ = Task.Run(() => ReceiveAsync(session), Stop);
                Talk.Answer(item.Number, isTaken: true);
            }
            else if (item.Kind == ChatItemKind.Taken)
            {
                _ = Task.Run(() => SendAsync(item.File), Stop);
            }
        }

        public void OnReceived(long number)
        {
        }

        public void OnTyping(bool isTyping) => Typings.Enqueue(isTyping);

        private async Task ReceiveAsync(IPeerSession session)
        {
            await using var open = session;
            await using var receiver = new FileReceiver(
                session, new ReceiveOptions { Output = Folder!.PathOf("in") }, static (_, _) => Task.FromResult(true), new TransferProgress(), TimeProvider.System, NullLogger.Instance);
            Received = await receiver.ReceiveAsync(Stop);
        }

        private async Task SendAsync(long number)
        {
            await using var session = Talk.OpenFile(isMine: true, number);
            using var sender = new FileSender(session, new SendOptions { Paths = [_offered] }, new TransferProgress(), TimeProvider.System, NullLogger.Instance);
            await sender.SendAsync(Stop);
        }
    }
}

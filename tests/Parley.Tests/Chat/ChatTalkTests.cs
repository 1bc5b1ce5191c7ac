using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Client.Chat;
using Parley.Client.Chat.Files;
using Parley.Client.Chat.Wire;
using Parley.Client.Transfer;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Testing;

namespace Parley.Tests.Chat;

public sealed class ChatTalkTests
{
    private static readonly ChatOptions _hasty = new() { LeaveTime = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task What_each_says_is_shown_to_the_other_and_marked_as_delivered()
    {
        await using var stage = new ChatStage();
        stage.Start();

        stage.Alice.Talk.Say("hello");
        stage.Bob.Talk.Say("hi");
        await stage.Alice.Talk.ReceivedAsync(stage.Stop);
        await stage.Bob.Talk.ReceivedAsync(stage.Stop);

        Assert.Equal(["hello"], stage.Bob.Texts);
        Assert.Equal(["hi"], stage.Alice.Texts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_breaks_every_line_is_shown_once_and_in_order(int seed)
    {
        var random = new Random(seed);
        var cuts = Enumerable.Range(0, 40).Select(_ => (long)random.Next(60, 3000)).ToArray();
        await using var stage = new ChatStage(number => number < cuts.Length ? cuts[number] : long.MaxValue);
        stage.Start();

        for (var number = 0; number < 200; number++)
        {
            await stage.Alice.Talk.RoomAsync(stage.Stop);
            stage.Alice.Talk.Say($"a{number}");
            await stage.Bob.Talk.RoomAsync(stage.Stop);
            stage.Bob.Talk.Say($"b{number}");
        }

        await stage.Alice.Talk.ReceivedAsync(stage.Stop);
        await stage.Bob.Talk.ReceivedAsync(stage.Stop);

        Assert.True(stage.Paths > 3);
        Assert.Equal(Enumerable.Range(0, 200).Select(static number => $"a{number}"), stage.Bob.Texts);
        Assert.Equal(Enumerable.Range(0, 200).Select(static number => $"b{number}"), stage.Alice.Texts);
    }

    [Fact]
    public async Task Leaving_ends_both_ends_after_what_was_said_before()
    {
        await using var stage = new ChatStage(time: new FakeTimeProvider());
        stage.Start();

        stage.Alice.Talk.Say("bye");
        stage.Alice.Talk.Leave();
        await stage.Bob.Running.WaitAsync(stage.Stop);
        await stage.Alice.Running.WaitAsync(stage.Stop);

        Assert.Equal(["bye"], stage.Bob.Texts);
    }

    [Fact]
    public async Task Leaving_over_a_path_waits_for_no_clock()
    {
        await using var stage = new ChatStage(time: new FakeTimeProvider());
        stage.Start();
        stage.Alice.Talk.Say("bye");
        await stage.Alice.Talk.ReceivedAsync(stage.Stop);

        stage.Alice.Talk.Leave();

        await stage.Alice.Running.WaitAsync(stage.Stop);
        await stage.Bob.Running.WaitAsync(stage.Stop);
    }

    [Fact]
    public async Task Leaving_looks_for_nobody_any_more_where_there_is_no_path()
    {
        await using var stage = new ChatStage(options: _hasty);
        stage.Alice.Running = stage.Alice.Talk.RunAsync(stage.Stop);

        stage.Alice.Talk.Leave();

        await stage.Alice.Running.WaitAsync(stage.Stop);
    }

    [Fact]
    public async Task Leaving_ends_a_talk_whose_other_end_vanished()
    {
        await using var stage = new ChatStage(options: _hasty);
        stage.Start();
        stage.Alice.Talk.Say("hello");
        await stage.Alice.Talk.ReceivedAsync(stage.Stop);
        stage.Bob.OnLost = static () => throw new IOException("Bob's machine is dead.");
        stage.Break();
        await Assert.ThrowsAsync<ParleyException>(() => stage.Bob.Running);

        stage.Alice.Talk.Leave();

        await stage.Alice.Running.WaitAsync(stage.Stop);
    }

    [Fact]
    public async Task What_could_not_be_shown_was_not_delivered_and_ends_the_talk()
    {
        await using var stage = new ChatStage();
        stage.Bob.OnShown = static item => throw new IOException("No space left on device.");
        stage.Start();

        stage.Alice.Talk.Say("hello");
        var failure = await Assert.ThrowsAsync<ParleyException>(() => stage.Bob.Running);

        Assert.Equal(ErrorCode.InvalidArgument, failure.Code);
        Assert.Equal(1, stage.Alice.Talk.Waiting);
    }

    [Fact]
    public async Task Whoever_waits_for_receipts_hears_why_the_talk_ended()
    {
        await using var stage = new ChatStage();
        stage.Bob.OnShown = item =>
        {
            stage.Bob.Talk.Say("too late");
            throw new IOException("No space left on device.");
        };
        stage.Start();

        stage.Alice.Talk.Say("hello");
        await Assert.ThrowsAsync<ParleyException>(() => stage.Bob.Running);
        var failure = await Assert.ThrowsAsync<ParleyException>(() => stage.Bob.Talk.ReceivedAsync(stage.Stop));

        Assert.Equal(ErrorCode.InvalidArgument, failure.Code);
    }

    [Fact]
    public async Task Of_a_file_that_was_taken_one_way_is_kept_at_a_time()
    {
        await using var stage = new ChatStage();
        var file = new ChatFile(stage.Alice.Talk, isMine: false, 1, AgentAddress.Parse("tests.bob"));
        var closed = new List<FileWay>();
        var (first, second) = (WayOf(1), WayOf(2));

        var isTaken = (file.TakeWay(1, first), file.TakeWay(2, second), file.TakeWay(2, second));

        Assert.Equal((true, true, false), isTaken);
        Assert.Equal([first], closed);
        Assert.Same(second, (await file.ConnectAsync([], stage.Stop)).Stream);

        FileWay WayOf(int number) => new(new FileRoute(false, 1, number), static (_, _) => ValueTask.CompletedTask, closed.Add);
    }

    [Fact]
    public async Task Typing_is_told_and_stops()
    {
        await using var stage = new ChatStage();
        stage.Start();

        stage.Alice.Talk.Type(true);
        stage.Alice.Talk.Say("first");
        await stage.Alice.Talk.ReceivedAsync(stage.Stop);
        stage.Alice.Talk.Type(false);
        stage.Alice.Talk.Say("second");
        await stage.Alice.Talk.ReceivedAsync(stage.Stop);
        await Deadline.UntilAsync(() => stage.Bob.Typings.Count >= 2, "both marks");

        Assert.Equal([true, false], stage.Bob.Typings);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_arrives_beside_messages_also_when_paths_break(bool breaks)
    {
        using var source = new TempFolder();
        using var target = new TempFolder();
        var content = new byte[3 << 20];
        new Random(5).NextBytes(content);
        await File.WriteAllBytesAsync(source.PathOf("a.bin"), content, TestContext.Current.CancellationToken);
        await using var stage = new ChatStage(number => breaks && number < 4 ? (number + 1) * 400_000 : long.MaxValue);
        var (receiving, sending) = (Task.CompletedTask, Task.CompletedTask);
        stage.Bob.OnShown = item =>
        {
            if (item.Kind == ChatItemKind.Offer)
            {
                receiving = ReceiveAsync(stage, item, target.FullPath);
                stage.Bob.Talk.Answer(item.Number, isTaken: true);
            }
        };
        stage.Alice.OnShown = item => sending = SendAsync(stage, item.File, source.PathOf("a.bin"));
        stage.Start();

        stage.Alice.Talk.Offer("a.bin", content.Length);
        stage.Alice.Talk.Say("look at this");
        await Deadline.UntilAsync(() => receiving != Task.CompletedTask && sending != Task.CompletedTask, "an answer");
        await (await Task.WhenAny(receiving, sending));
        await Task.WhenAll(receiving, sending);

        Assert.Equal(breaks, stage.Paths > 1);
        Assert.Equal(content, await File.ReadAllBytesAsync(target.PathOf("a.bin"), TestContext.Current.CancellationToken));
        Assert.Equal(["a.bin", "look at this"], stage.Bob.Texts);
    }

    [Fact]
    public async Task Files_of_a_program_that_was_started_anew_are_its_own_whatever_their_numbers()
    {
        using var source = new TempFolder();
        using var target = new TempFolder();
        await File.WriteAllTextAsync(source.PathOf("a.txt"), "the second run's", TestContext.Current.CancellationToken);
        await using var stage = new ChatStage();
        var receiving = new ConcurrentQueue<Task>();
        stage.Bob.OnShown = item =>
        {
            receiving.Enqueue(ReceiveAsync(stage, item, target.FullPath));
            stage.Bob.Talk.Answer(item.Number, isTaken: true);
        };
        stage.Start();
        stage.Alice.Talk.Offer("a.txt", 16);
        await Deadline.UntilAsync(() => !stage.Alice.Items.IsEmpty, "the answer to the first run");

        await stage.RestartAliceAsync();
        var sending = Task.CompletedTask;
        stage.Alice.OnShown = item => sending = SendAsync(stage, item.File, source.PathOf("a.txt"));
        stage.Alice.Talk.Offer("a.txt", 16);
        await Deadline.UntilAsync(() => sending != Task.CompletedTask, "the answer to the second run");
        await sending;
        var failure = await Assert.ThrowsAsync<ParleyException>(() => receiving.First());
        await receiving.Last();

        Assert.Equal((ErrorCode.AgentOffline, 1), (failure.Code, stage.Bob.Restarts));
        Assert.Equal("the second run's", await File.ReadAllTextAsync(target.PathOf("a.txt"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_that_is_given_up_while_there_is_no_path_is_over_at_the_other_end_too()
    {
        using var target = new TempFolder();
        using var repaired = new ManualResetEventSlim();
        await using var stage = new ChatStage(number => number == 0 || repaired.Wait(Deadline.Shared) ? long.MaxValue : 0);
        var receiving = new TaskCompletionSource<Task>();
        stage.Bob.OnShown = item =>
        {
            receiving.SetResult(ReceiveAsync(stage, item, target.FullPath));
            stage.Bob.Talk.Answer(item.Number, isTaken: true);
        };
        stage.Start();
        var number = stage.Alice.Talk.Offer("a.txt", 16);
        await Deadline.UntilAsync(() => !stage.Alice.Items.IsEmpty, "the answer");
        var file = stage.Alice.Talk.OpenFile(isMine: true, number);

        stage.Break();
        await Deadline.UntilAsync(() => stage.Alice.Losses == 1, "the break");
        await file.DisposeAsync();
        repaired.Set();
        var failure = await Assert.ThrowsAsync<ParleyException>(async () => await await receiving.Task);

        Assert.Equal(ErrorCode.AgentOffline, failure.Code);
    }

    private static async Task SendAsync(ChatStage stage, long number, string path)
    {
        await using var session = stage.Alice.Talk.OpenFile(isMine: true, number);
        using var sender = new FileSender(session, new SendOptions { Paths = [path] }, new TransferProgress(), TimeProvider.System, NullLogger.Instance);
        await sender.SendAsync(stage.Stop);
    }

    private static async Task ReceiveAsync(ChatStage stage, ChatItem offer, string output)
    {
        await using var session = stage.Bob.Talk.OpenFile(isMine: false, offer.Number);
        await using var receiver = new FileReceiver(
            session, new ReceiveOptions { Output = output }, static (_, _) => Task.FromResult(true), new TransferProgress(), TimeProvider.System, NullLogger.Instance);
        await receiver.ReceiveAsync(stage.Stop);
    }
}

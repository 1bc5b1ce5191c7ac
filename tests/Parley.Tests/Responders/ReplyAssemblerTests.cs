using System.Text;
using Parley.Client.Responders;
using Parley.Protocol.Errors;
using Parley.Protocol.Messaging;
using Parley.Protocol.Wire;

namespace Parley.Tests.Responders;

public sealed class ReplyAssemblerTests
{
    [Fact]
    public void Parts_put_together_equal_the_reply()
    {
        const int Seed = 31;
        var random = new Random(Seed);
        for (var round = 0; round < 2_000; round++)
        {
            var assembler = new ReplyAssembler(new AnswerLimits(MaxOutputBytes: 40));
            var streams = new Dictionary<PartStream, StringBuilder> { [PartStream.Content] = new(), [PartStream.Stderr] = new() };
            for (var step = random.Next(12); step > 0; step--)
            {
                foreach (var part in assembler.Add(RandomEvent(random)).Where(part => streams.ContainsKey(part.Stream)))
                {
                    Assert.Equal((ulong)streams[part.Stream].Length, part.Offset);
                    streams[part.Stream].Append(part.Data.ToStringUtf8());
                }
            }

            var reply = assembler.ToReply();
            Assert.True(reply.Content.ToStringUtf8() == streams[PartStream.Content].ToString(), $"seed {Seed}, round {round}");
            Assert.True(reply.Stderr.ToStringUtf8() == streams[PartStream.Stderr].ToString(), $"seed {Seed}, round {round}");
        }
    }

    [Fact]
    public void Output_beyond_the_cap_ends_in_one_marker_line()
    {
        var reply = Assemble(new AnswerLimits(MaxOutputBytes: 1024), Out(new string('x', 1000)), Out(new string('y', 1000)), Out("z"));

        Assert.Equal(new string('x', 1000) + new string('y', 24) + "\n[parley: output cut at 1 KiB]\n", reply.Content.ToStringUtf8());
        Assert.True(reply.Truncated);
    }

    [Fact]
    public void Text_is_cut_between_characters()
    {
        var said = Assemble(new AnswerLimits(MaxOutputBytes: 4), new ResponderEvent.Text("aéé€", IsDelta: true));
        var printed = Assemble(new AnswerLimits(MaxOutputBytes: 4), Out("aéé€"));

        Assert.StartsWith("aé\n[parley", said.Content.ToStringUtf8());
        Assert.Equal(said.Content, printed.Content);
    }

    [Fact]
    public void A_whole_message_that_repeats_its_deltas_is_not_said_twice()
    {
        var reply = Assemble(new AnswerLimits(), Delta("Hel"), Delta("lo"), Whole("Hello!"), Whole("Bye"), Delta("And"), Delta(" so"));

        Assert.Equal("Hello!\nBye\nAnd so", reply.Content.ToStringUtf8());
        Assert.Equal((MessageType.Text, ReplyState.Completed), (reply.Type, reply.State));
    }

    [Fact]
    public void A_question_is_the_answer_and_the_state()
    {
        var reply = Assemble(new AnswerLimits(), Delta("Working on it."), new ResponderEvent.Status(ResponderState.InputRequired, "Which branch?"));

        Assert.Equal((ReplyState.InputRequired, "Working on it.\nWhich branch?"), (reply.State, reply.Content.ToStringUtf8()));
    }

    [Fact]
    public void Progress_is_streamed_and_stays_out_of_the_answer()
    {
        var assembler = new ReplyAssembler(new AnswerLimits());
        assembler.Add(new ResponderEvent.Status(ResponderState.Working, "one"));

        var part = assembler.Add(new ResponderEvent.Status(ResponderState.Working, "two")).Single();

        Assert.Equal((PartStream.Status, 3ul, "two"), (part.Stream, part.Offset, part.Data.ToStringUtf8()));
        Assert.True(assembler.ToReply().Content.IsEmpty);
    }

    [Fact]
    public void Artifacts_are_put_together_with_their_hash()
    {
        var reply = Assemble(new AnswerLimits(), File("a", "one"), File("b", "x"), File("a", "two", append: true), File("b", "y"));

        Assert.Equal(["a:onetwo", "b:y"], reply.Files.Select(file => $"{file.Name}:{file.Content.ToStringUtf8()}"));
        Assert.Equal(System.Security.Cryptography.SHA256.HashData("onetwo"u8), reply.Files[0].Sha256.ToByteArray());
    }

    [Fact]
    public void Files_beyond_a_limit_are_left_out_whole_and_told()
    {
        var reply = Assemble(new AnswerLimits(MaxFileBytes: 10, MaxFiles: 2), File("a", "123456"), File("b", "12345"), File("c", "1"), File("d", "1"));

        Assert.Equal(["a", "c"], reply.Files.Select(file => file.Name));
        Assert.Equal(("2", true), (reply.Meta["files_left_out"], reply.Truncated));
    }

    [Fact]
    public void What_was_produced_before_a_failure_stays()
    {
        var reply = Assemble(new AnswerLimits(), Out("so far"), new ResponderEvent.Failed(ErrorCode.ResponderTimeout, "Too long."), Out("never"), new ResponderEvent.Completed(0));

        Assert.Equal((ReplyState.Failed, "responder.timeout", "Too long.", "so far"), (reply.State, reply.ErrorCode, reply.ErrorMessage, reply.Content.ToStringUtf8()));
        Assert.False(reply.HasExitCode);
    }

    [Fact]
    public void Usage_becomes_metadata()
    {
        var reply = Assemble(new AnswerLimits(), new ResponderEvent.Usage("m", null, 3, 4));

        Assert.Equal(("m", "7"), (reply.Meta["model"], reply.Meta["tokens_used"]));
    }

    [Theory]
    [InlineData(ErrorCode.Canceled, ReplyState.Canceled)]
    [InlineData(ErrorCode.ResponderInterrupted, ReplyState.Interrupted)]
    [InlineData(ErrorCode.ResponderNotAllowed, ReplyState.Rejected)]
    [InlineData(ErrorCode.ResponderFailed, ReplyState.Failed)]
    public void A_failure_s_code_tells_the_state(ErrorCode code, ReplyState state)
    {
        Assert.Equal(state, ReplyAssembler.Failure(code, "x").State);
    }

    private static Reply Assemble(AnswerLimits limits, params ResponderEvent[] events)
    {
        var assembler = new ReplyAssembler(limits);
        foreach (var responderEvent in events)
        {
            assembler.Add(responderEvent);
        }

        return assembler.ToReply();
    }

    private static ResponderEvent RandomEvent(Random random)
    {
        var text = new string('a', random.Next(20)) + (random.Next(3) == 0 ? "\n" : string.Empty);
        return random.Next(5) switch
        {
            0 => Out(text),
            1 => new ResponderEvent.Output(true, new Body(Encoding.UTF8.GetBytes(text))),
            2 => Delta(text),
            3 => Whole(text),
            _ => new ResponderEvent.Status(ResponderState.Working, text),
        };
    }

    private static ResponderEvent.Output Out(string text) => new(false, new Body(Encoding.UTF8.GetBytes(text)));

    private static ResponderEvent.Text Delta(string text) => new(text, IsDelta: true);

    private static ResponderEvent.Text Whole(string text) => new(text, IsDelta: false);

    private static ResponderEvent.ArtifactProduced File(string name, string text, bool append = false) => new(name, null, new Body(Encoding.UTF8.GetBytes(text)), append);
}

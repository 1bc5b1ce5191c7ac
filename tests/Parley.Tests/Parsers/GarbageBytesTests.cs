using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Parley.Cli.Hosting;
using Parley.Client.Config;
using Parley.Client.Messaging;
using Parley.Client.Responders.Events;
using Parley.Client.Responders.Http;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Grpc;
using Parley.Protocol.Link;
using Parley.Protocol.Wire;
using Parley.Testing;

namespace Parley.Tests.Parsers;

/// <summary>Every parser of bytes that come from a file or from the other side of something: garbage is refused with a code, whatever it is.</summary>
public sealed class GarbageBytesTests : IDisposable
{
    private const int Seed = 60606;
    private readonly TempFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Profile_json() => Check(
        """{"agent":"acme.bob","hubId":"h","http":"http://127.0.0.1:1/","grpc":"http://127.0.0.1:2/","pin":null,"joinedAt":"2026-01-01T00:00:00Z"}""",
        bytes => HubProfile.Read(bytes));

    [Fact]
    public void Identity_json() => Check(
        """{"version":1,"identity":"AAAA","keyAgreement":"AAAA","tls":"AAAA","signature":"AAAA"}""", bytes => BindingFile.Read(bytes));

    [Fact]
    public void Hub_json() => Check(
        """{"pid":1,"http":"http://127.0.0.1:1","grpc":"http://127.0.0.1:2","public":null,"ssh":null,"startedAt":"2026-01-01T00:00:00Z","pin":null}""",
        bytes =>
        {
            try
            {
                var file = HubFile.Parse(bytes);
                Assert.True(new Uri(file.Http).IsAbsoluteUri && new Uri(file.Grpc).IsAbsoluteUri);
            }
            catch (JsonException)
            {
                // The refusal that a reader of the file makes of it has a test of its own.
            }
        });

    [Fact]
    public void A_damaged_hub_json_is_refused_as_a_file_to_mend()
    {
        SecretFile.Write(_folder.PathOf(HubFile.Name), "{"u8);

        Assert.Equal(ErrorCode.IntegrityFailed, Assert.Throws<ParleyException>(() => HubFile.Read(_folder.FullPath)).Code);
    }

    [Fact]
    public void Lines_of_the_events_protocol() => Check(
        """{"type":"artifact","name":"a.txt","text":"x","append":true,"data":"AAAA","exit_code":3,"tokens":7}""", bytes => EventLine.Read(bytes, 1));

    [Fact]
    public void Lines_cut_from_a_stream() => Check("one\r\ntwo\n\nthree", bytes =>
    {
        var splitter = new LineSplitter(16);
        foreach (var one in bytes)
        {
            splitter.Add([one]);
        }

        splitter.End();
    });

    [Fact]
    public void Answers_of_an_http_responder() => Check("""{"text":"hello","files":[{"name":"a","data":"AAAA"}],"error":"x"}""", bytes => JsonAnswer.Read(bytes));

    [Fact]
    public void Bodies_of_messages()
    {
        var good = new Message { Content = ByteString.CopyFromUtf8("hi"), Name = "a.txt", Meta = { ["k"] = "v" }, TimeoutMs = 5, Files = { new FilePart { Name = "b" } } };

        Check(good.ToByteArray(), bytes => RequestReader.Read(new Envelope { Id = "id", From = "acme.a", Body = ByteString.CopyFrom(bytes) }));
    }

    [Fact]
    public void Details_of_a_grpc_refusal() => Check(
        "\u0008\u0005\u0012\u0003bad"u8.ToArray(),
        bytes => GrpcErrorDetails.ToRefusal(new GrpcException(GrpcStatusCode.Internal, Encoding.Latin1.GetString(bytes))));

    [Fact]
    public void Grpc_framing() => Check(GrpcBytes(), bytes =>
    {
        var input = PipeReader.Create(new System.Buffers.ReadOnlySequence<byte>(bytes));
        var reader = new GrpcFrameReader(input, 10_000);
        try
        {
            while (Finished(reader.WaitToReadAsync(Stop)))
            {
                while (reader.TryRead<Frame>(out _))
                {
                }
            }
        }
        catch (GrpcException exception)
        {
            Assert.NotEqual(GrpcStatusCode.OK, exception.Status.Code);
        }
    });

    [Fact]
    public void The_pipe_over_a_websocket() => Check(WebSocketBytes(), bytes =>
    {
        using var stream = new OneWay(bytes);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        var pipe = new WebSocketPipe(socket);
        try
        {
            while (true)
            {
                var read = Finished(pipe.Input.ReadAsync(Stop));
                pipe.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (LinkBreaks.Is(exception))
        {
            // A broken WebSocket is a broken link.
        }
    });

    public void Dispose() => _folder.Dispose();

    private static void Check(string good, Action<byte[]> parse) => Check(Encoding.UTF8.GetBytes(good), parse);

    private static void Check(byte[] good, Action<byte[]> parse) =>
        Fuzz.Run(Seed, Fuzz.Count, random => random.Next(3) == 0 ? Fuzz.Bytes(random, 80) : Fuzz.Mutate(random, good), bytes =>
        {
            try
            {
                parse(bytes);
            }
            catch (ParleyException exception)
            {
                Assert.NotEqual(ErrorCode.Internal, exception.Code);
            }
        });

    /// <summary>The result of something that all bytes are there for: it has no reason to wait.</summary>
    private static T Finished<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompleted, "It waits although nothing more can come.");
        return task.GetAwaiter().GetResult();
    }

    private static byte[] GrpcBytes()
    {
        var message = new Frame { Call = new Call { Number = 7, Method = "agents.list", Arguments = ByteString.CopyFromUtf8("{}") } }.ToByteArray();
        return [0, 0, 0, 0, (byte)message.Length, .. message, 0, 0, 0, 0, (byte)message.Length, .. message];
    }

    /// <summary>Two masked binary frames, a ping and a close as a client sends them; the mask is zero.</summary>
    private static byte[] WebSocketBytes() =>
        [0x82, 0x85, 0, 0, 0, 0, .. "hello"u8, 0x89, 0x80, 0, 0, 0, 0, 0x82, 0x83, 0, 0, 0, 0, .. "you"u8, 0x88, 0x82, 0, 0, 0, 0, 3, 0xe8];

    /// <summary>Gives its bytes and then the end; what is written to it is gone.</summary>
    private sealed class OneWay(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanWrite => true;

        public override void Write(byte[] buffer, int offset, int count)
        {
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

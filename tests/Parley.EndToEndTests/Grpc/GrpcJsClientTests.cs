using System.Text.Json;
using Google.Protobuf;
using Parley.Hub.Transports.Grpc;
using Parley.Protocol.Errors;
using Parley.Protocol.Grpc;
using Parley.Testing.Grpc;
using Parley.Testing.Grpc.Wire;

namespace Parley.EndToEndTests.Grpc;

/// <summary>grpc-js calls our server.</summary>
public sealed class GrpcJsClientTests
{
    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stranger_calls_every_kind_of_method()
    {
        await using var server = await GrpcTestServer.StartAsync(app =>
        {
            app.MapGrpcUnary<Words, Words>("/parley.test.Echo/Say", SayAsync);
            app.MapGrpcServerStreaming<Words, Words>("/parley.test.Echo/Count", (words, _) => CountAsync(words.Number));
            app.MapGrpcDuplex("/parley.test.Echo/Talk", TalkAsync);
        });

        using var node = await NodeFolder.StartAsync("grpc-client.js", Timeout, server.Address.Authority, NodeFolder.EchoProto);
        var errors = node.StandardError.ReadToEndAsync(Timeout);
        var output = await node.StandardOutput.ReadToEndAsync(Timeout);
        await node.WaitForExitAsync(Timeout);

        Assert.True(node.ExitCode == 0, await errors);
        using var seen = JsonDocument.Parse(output);
        var root = seen.RootElement;
        var say = root.GetProperty("say");
        Assert.Equal("hi!", say.GetProperty("text").GetString());
        Assert.Equal("plain", say.GetProperty("header").GetString());
        Assert.Equal("0001ff", say.GetProperty("trailer").GetString());
        Assert.Equal(2 * 1024 * 1024, root.GetProperty("big").GetProperty("bytes").GetInt32());
        AssertRefused(root.GetProperty("refused"));
        Assert.Equal((int)GrpcStatusCode.DeadlineExceeded, root.GetProperty("late").GetProperty("code").GetInt32());
        Assert.Equal(Enumerable.Range(1, 1000), root.GetProperty("count").EnumerateArray().Select(number => number.GetInt32()));
        Assert.Equal(Enumerable.Range(0, 50).Select(round => $"round {round}"), root.GetProperty("talk").GetProperty("heard").EnumerateArray().Select(text => text.GetString()));
        Assert.Equal(0, root.GetProperty("talk").GetProperty("code").GetInt32());
        Assert.Equal((int)GrpcStatusCode.Cancelled, root.GetProperty("cancel").GetInt32());
        Assert.Equal((int)GrpcStatusCode.Unimplemented, root.GetProperty("unknown").GetInt32());
        Assert.Equal(1801, root.GetProperty("squeezed").GetInt32());
    }

    private static void AssertRefused(JsonElement refused)
    {
        Assert.Equal((int)GrpcStatusCode.ResourceExhausted, refused.GetProperty("code").GetInt32());
        Assert.Equal("Voll: 100 % ü", refused.GetProperty("details").GetString());
        var details = Convert.FromBase64String(refused.GetProperty("status").GetString()!);
        var refusal = GrpcErrorDetails.ToRefusal(new GrpcException(new GrpcStatus(GrpcStatusCode.ResourceExhausted) { Details = details }));
        Assert.Equal(ErrorCode.MailboxFull, refusal.Code);
    }

    private static async Task<Words> SayAsync(Words words, GrpcServerCall call)
    {
        switch (words.Text)
        {
            case "refuse":
                throw new ParleyException(ErrorCode.MailboxFull, "Voll: 100 % ü");
            case "sleep":
                await Task.Delay(System.Threading.Timeout.InfiniteTimeSpan, TimeProvider.System, call.CancellationToken);
                break;
        }

        if (call.RequestHeaders.Get("text") is { } text && call.RequestHeaders.TryGetBytes("raw-bin", out var raw))
        {
            call.ResponseHeaders.Add("before", text);
            call.Trailers.Add("after-bin", raw);
        }

        return new Words { Text = words.Text + "!", Bulk = words.Bulk };
    }

    private static async IAsyncEnumerable<Words> CountAsync(int count)
    {
        for (var number = 1; number <= count; number++)
        {
            await Task.CompletedTask;
            yield return new Words { Number = number };
        }
    }

    private static async Task TalkAsync(GrpcServerCall call)
    {
        await foreach (var words in call.ReadAllAsync<Words>(call.CancellationToken))
        {
            call.Write(words);
            await call.FlushAsync(call.CancellationToken);
        }
    }
}

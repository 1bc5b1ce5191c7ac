using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Parley.Hub.Transports.Grpc;
using Parley.Testing.Grpc;
using Parley.Testing.Grpc.Wire;

namespace Parley.HubTests.Grpc;

/// <summary>What plain HTTP requests to a gRPC route get.</summary>
public sealed class GrpcHttpTests
{
    private const string Say = "/parley.test.Echo/Say";

    private static CancellationToken Timeout => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_media_type_is_refused()
    {
        using var answer = await SendAsync("application/json", _ => { });

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task The_media_type_may_name_proto_and_parameters()
    {
        using var answer = await SendAsync("application/grpc+proto; charset=utf-8", _ => { });

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/grpc", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("0", Assert.Single(answer.TrailingHeaders.GetValues("grpc-status")));
    }

    [Fact]
    public async Task The_status_after_messages_is_no_header_even_when_the_handler_never_flushed()
    {
        using var answer = await SendAsync("application/grpc", _ => { }, app => app.MapGrpcDuplex(Say, call =>
        {
            call.Write(new Words { Text = "hi" });
            return Task.CompletedTask;
        }));

        Assert.False(answer.Headers.Contains("grpc-status"));
        Assert.Equal("0", Assert.Single(answer.TrailingHeaders.GetValues("grpc-status")));
        Assert.Equal(9, (await answer.Content.ReadAsByteArrayAsync(Timeout)).Length);
    }

    [Fact]
    public async Task Another_method_is_refused()
    {
        using var answer = await SendAsync("application/grpc", request => request.Method = HttpMethod.Put);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Theory]
    [InlineData("grpc-timeout", "soon", "3")]
    [InlineData("grpc-encoding", "snappy", "12")]
    public async Task A_bad_header_is_answered_by_trailers_alone(string name, string value, string status)
    {
        using var answer = await SendAsync("application/grpc", request => request.Headers.Add(name, value));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(status, Assert.Single(answer.Headers.GetValues("grpc-status")));
        Assert.Equal("identity,gzip", Assert.Single(answer.Headers.GetValues("grpc-accept-encoding")));
    }

    private static async Task<HttpResponseMessage> SendAsync(string mediaType, Action<HttpRequestMessage> change, Action<WebApplication>? map = null)
    {
        await using var server = await GrpcTestServer.StartAsync(map ?? (app => app.MapGrpcUnary<Words, Words>(Say, (words, _) => Task.FromResult(words))));
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Address, Say))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        change(request);
        return await client.SendAsync(request, Timeout);
    }
}

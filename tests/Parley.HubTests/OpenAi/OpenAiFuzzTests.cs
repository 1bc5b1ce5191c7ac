using System.Text;
using Parley.Testing;

namespace Parley.HubTests.OpenAi;

public sealed class OpenAiFuzzTests
{
    private const int Seed = 20_261_123;
    private const int Count = 1_500;
    private const string Chat = """
        {"model":"agent","stream":false,"stream_options":{"include_usage":true},"n":1,"user":"u","metadata":{"k":"v"},"messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"hi"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,AQID"}}]},{"role":"assistant","content":"a"},{"role":"user","content":"b"}]}
        """;

    private const string Response = """
        {"model":"agent","stream":true,"store":true,"instructions":"i","input":[{"role":"user","content":[{"type":"input_text","text":"hi"},{"type":"input_file","filename":"f","file_data":"AQID"}]},
        {"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"1"}]}
        """;

    [Theory]
    [InlineData("/v1/chat/completions", Chat)]
    [InlineData("/v1/responses", Response)]
    public async Task Whatever_is_posted_is_answered_and_never_by_a_defect(string path, string good)
    {
        await using var site = await OpenAiSite.StartAsync();
        await site.AnswerAsync(_ => "ok");
        var bytes = Encoding.UTF8.GetBytes(good);

        for (var number = 0; number < Count; number++)
        {
            var body = Fuzz.Mutate(new Random(Seed + number), bytes);
            using var response = await site.PostBytesAsync(path, body).WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
            var answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline.Shared, TestContext.Current.CancellationToken);
            Assert.True((int)response.StatusCode is 200 or 400 or 404 or 413, $"Input {Seed + number}: {(int)response.StatusCode} {answer}");
        }
    }
}

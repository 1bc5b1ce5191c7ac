using System.Text;
using System.Text.Json;
using Parley.Cli.Skill;
using Parley.Testing;

namespace Parley.Tests.Skill;

public sealed class JsonMergeTests
{
    private const string Template = """{"permissions":{"allow":["A","B"]}}""";

    private static readonly JsonDocumentOptions _lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    [InlineData("{}")]
    [InlineData("{ // nothing yet\n}")]
    [InlineData("{\"permissions\": {}}")]
    [InlineData("{\"permissions\": {\"allow\": []}}")]
    [InlineData("{\"permissions\":{\"allow\":[]},\"permissions\":{\"allow\":[]}}")]
    public void What_is_missing_is_added(string file)
    {
        var merge = Merge(file);

        Assert.Equal(["permissions: allow: A", "permissions: allow: B"], merge.Added);
        Assert.Equal(["A", "B"], AllowedIn(merge));
    }

    [Fact]
    public void A_new_file_is_laid_out_like_one_that_was_typed() =>
        Assert.Equal("{\n  \"permissions\": {\n    \"allow\": [\n      \"A\",\n      \"B\"\n    ]\n  }\n}\n", Text(Merge(string.Empty)));

    [Fact]
    public void Comments_order_and_other_rules_stay_where_they_are()
    {
        const string file = """
            // of this project
            {
                "model": "x", /* fast */
                "permissions": {
                    "deny": ["Bash(rm:*)"],
                    "allow": [
                        "B", // wanted by all
                        "Z" /* last */ // really
                        // and nothing more
                    ]
                }
            }
            """;

        var merge = Merge(file);

        Assert.Equal(
            file.Replace("\"Z\" /*", "\"Z\", /*", StringComparison.Ordinal)
                .Replace("// and nothing more\n", "// and nothing more\n            \"A\"\n", StringComparison.Ordinal),
            Text(merge));
    }

    [Fact]
    public void A_trailing_comma_is_not_doubled()
    {
        var merge = Merge("{\"permissions\": {\"allow\": [\n    \"Z\", // why\n  ],},}");

        Assert.Equal(["Z", "A", "B"], AllowedIn(merge));
    }

    [Fact]
    public void Tabs_and_carriage_returns_are_kept_up()
    {
        var merge = Merge("{\r\n\t\"permissions\": {\r\n\t\t\"allow\": [\r\n\t\t\t\"Z\"\r\n\t\t]\r\n\t}\r\n}\r\n");

        Assert.Equal("{\r\n\t\"permissions\": {\r\n\t\t\"allow\": [\r\n\t\t\t\"Z\",\r\n\t\t\t\"A\",\r\n\t\t\t\"B\"\r\n\t\t]\r\n\t}\r\n}\r\n", Text(merge));
    }

    [Fact]
    public void A_byte_order_mark_stays()
    {
        var merge = JsonMerge.Merge([0xEF, 0xBB, 0xBF, .. "{}"u8], Encoding.UTF8.GetBytes(Template));

        Assert.Equal([0xEF, 0xBB, 0xBF], merge.Content[..3]);
    }

    [Fact]
    public void What_the_user_decided_differently_stays_and_is_told()
    {
        var merge = JsonMerge.Merge("{\"auto\":{\"x\":false}}"u8.ToArray(), "{\"auto\":{\"x\":true,\"y\":true}}"u8.ToArray());

        Assert.Equal(["auto: x stays false"], merge.Kept);
        Assert.Equal(["auto: y: true"], merge.Added);
    }

    [Theory]
    [InlineData("{\"permissions\":{\"allow\":[\"A\",\"B\"]}}")]
    [InlineData("{\"permissions\":{\"allow\":[\"\\u0041\", /* escaped */ \"B\",]}}")]
    public void Rules_that_are_there_are_not_added_again(string file)
    {
        var merge = Merge(file);

        Assert.Empty(merge.Added);
        Assert.Equal(file, Text(merge));
    }

    [Theory]
    [InlineData("[]", "the file is not an object.")]
    [InlineData("null", "the file is not an object.")]
    [InlineData("{\"permissions\": null}", "permissions is not an object.")]
    [InlineData("{\"permissions\": {\"allow\": \"all\"}}", "permissions: allow is not a list.")]
    [InlineData("{\n\"permissions\": {\n", "line 3 is not JSON.")]
    [InlineData("{} {}", "line 1 is not JSON.")]
    [InlineData("// only this", "line 1 is not JSON.")]
    [InlineData("{\"\\ud800\": 1}", "a text in it is not Unicode.")]
    public void Something_else_is_refused_with_its_place(string file, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Merge(file)).Message);

    [Fact]
    public void Whatever_the_file_a_merge_gives_good_JSON_once_and_for_all_or_refuses()
    {
        var files = new[]
        {
            "{\r\n\t\"permissions\": { \"deny\": [\"x\"], /* a */ \"allow\": [ \"A\", // b\r\n ], },\r\n}"u8.ToArray(),
            "{ \"a\": [1, {\"b\": \"}\"}], // {\n \"permissions\": {\"allow\": [[], \"B\"]} }"u8.ToArray(),
        };

        Fuzz.Run(20261121, Fuzz.Count, random => Fuzz.Mutate(random, files[random.Next(files.Length)]), file =>
        {
            try
            {
                var once = JsonMerge.Merge(file, Encoding.UTF8.GetBytes(Template));
                var twice = JsonMerge.Merge(once.Content, Encoding.UTF8.GetBytes(Template));
                Assert.Empty(twice.Added);
                Assert.Equal(once.Content, twice.Content);
                Assert.True(IsWithin(file, once.Content), "something was lost");
            }
            catch (FormatException)
            {
            }
        });
    }

    // Every byte of the first, in order, is in the second.
    private static bool IsWithin(byte[] part, byte[] whole)
    {
        if (part.AsSpan().IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            return true;
        }

        var at = 0;
        foreach (var one in whole)
        {
            at += at < part.Length && part[at] == one ? 1 : 0;
        }

        return at == part.Length;
    }

    private static RulesMerge Merge(string file) => JsonMerge.Merge(Encoding.UTF8.GetBytes(file), Encoding.UTF8.GetBytes(Template));

    private static string Text(RulesMerge merge) => Encoding.UTF8.GetString(merge.Content);

    private static IEnumerable<string?> AllowedIn(RulesMerge merge)
    {
        using var json = JsonDocument.Parse(merge.Content, _lenient);
        return [.. json.RootElement.GetProperty("permissions").GetProperty("allow").EnumerateArray().Select(item => item.GetString())];
    }
}

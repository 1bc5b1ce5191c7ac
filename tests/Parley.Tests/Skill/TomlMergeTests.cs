using System.Text;
using Parley.Cli.Skill;
using Parley.Testing;

namespace Parley.Tests.Skill;

public sealed class TomlMergeTests
{
    private const string Template = "# why\n[box]\nnet = true\n";

    [Theory]
    [InlineData("", Template)]
    [InlineData("model = 'x'", "model = 'x'\n\n[box]\nnet = true\n")]
    [InlineData("model = 'x'\n", "model = 'x'\n\n[box]\nnet = true\n")]
    [InlineData("a = 1\r\n", "a = 1\r\n\r\n[box]\r\nnet = true\r\n")]
    [InlineData("[box] # mine\n", "[box] # mine\nnet = true\n")]
    [InlineData("[box]", "[box]\nnet = true\n")]
    [InlineData("[ 'box' ]\nroots = [\n  '/a', # ]\n  \"\"\"\n[x]\"\"\",\n]\n# end\n\n[other]\nnet = 1\n", "[ 'box' ]\nroots = [\n  '/a', # ]\n  \"\"\"\n[x]\"\"\",\n]\nnet = true\n# end\n\n[other]\nnet = 1\n")]
    [InlineData("box.other = 1 # x\nz = 2\n[t]\n", "box.other = 1 # x\nbox.net = true\nz = 2\n[t]\n")]
    [InlineData("s = '''\n[box]\nnet = true\n'''\n", "s = '''\n[box]\nnet = true\n'''\n\n[box]\nnet = true\n")]
    [InlineData("a = 1979-05-27 07:32:00\nb = { c = [ { d = \"}\" } ], e = -1.5e3 }\n", "a = 1979-05-27 07:32:00\nb = { c = [ { d = \"}\" } ], e = -1.5e3 }\n\n[box]\nnet = true\n")]
    public void A_missing_key_is_added_where_its_table_is(string file, string expected)
    {
        var merge = Merge(file);

        Assert.Equal(expected, Text(merge));
        Assert.Equal(["box.net = true"], merge.Added);
    }

    [Theory]
    [InlineData("[box]\nnet = true\n")]
    [InlineData("[box]\n\"net\" = true # mine")]
    [InlineData("box.net = true\n")]
    [InlineData("box = { net = true }\n")]
    public void A_key_that_is_there_is_not_added_again(string file)
    {
        var merge = Merge(file);

        Assert.Equal(file, Text(merge));
        Assert.Empty(merge.Added);
        Assert.Empty(merge.Kept);
    }

    [Fact]
    public void What_the_user_decided_differently_stays_and_is_told()
    {
        const string file = "[box]\nnet = false # never\n";

        var merge = Merge(file);

        Assert.Equal(file, Text(merge));
        Assert.Equal(["box.net stays false"], merge.Kept);
    }

    [Theory]
    [InlineData("box = { other = 1 }\n", "box is not a table with a header; add box.net = true to it by hand.")]
    [InlineData("[[box]]\n", "box is not a table with a header; add box.net = true to it by hand.")]
    [InlineData("box = 1\n", "box is not a table with a header; add box.net = true to it by hand.")]
    [InlineData("a = 1\nb\n", "line 2 is not TOML.")]
    [InlineData("a = \"x\n", "line 1 is not TOML.")]
    [InlineData("a = [1,\n", "line 2 is not TOML.")]
    [InlineData("{}", "line 1 is not TOML.")]
    [InlineData("a = 1 b = 2\n", "line 1 is not TOML.")]
    public void Something_else_is_refused_with_its_place(string file, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => Merge(file)).Message);

    [Fact]
    public void Bytes_that_are_no_text_are_refused() =>
        Assert.Throws<FormatException>(() => TomlMerge.Merge([0xFF, 0xFE, 0x41, 0x00], Encoding.UTF8.GetBytes(Template)));

    [Fact]
    public void A_byte_order_mark_stays()
    {
        var merge = Merge("\uFEFF[box]\n");

        Assert.Equal("\uFEFF[box]\nnet = true\n", Text(merge));
    }

    [Fact]
    public void Whatever_the_file_a_merge_holds_once_and_for_all_or_is_refused()
    {
        var files = new[]
        {
            "a.b = \"x\\\"\" # c\n[box]\nr = [ 'a', # ]\n \"\"\"q\"\"\" ]\n[[list]]\nt = { u = 1, v = [2] }\n"u8.ToArray(),
            "box.x = '''\n\n'''\r\n[o.\"p\"]\r\nq = 1979-05-27T07:32:00Z\r\n"u8.ToArray(),
        };

        Fuzz.Run(20261121, Fuzz.Count, random => Fuzz.Mutate(random, files[random.Next(files.Length)]), file =>
        {
            try
            {
                var once = TomlMerge.Merge(file, Encoding.UTF8.GetBytes(Template));
                var twice = TomlMerge.Merge(once.Content, Encoding.UTF8.GetBytes(Template));
                Assert.True(twice.Added.Count == 0, Encoding.UTF8.GetString(once.Content));
                Assert.Equal(once.Content, twice.Content);
            }
            catch (FormatException)
            {
            }
        });
    }

    private static RulesMerge Merge(string file) => TomlMerge.Merge(Encoding.UTF8.GetBytes(file), Encoding.UTF8.GetBytes(Template));

    private static string Text(RulesMerge merge) => Encoding.UTF8.GetString(merge.Content);
}

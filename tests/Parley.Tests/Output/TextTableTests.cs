using Parley.Output;

namespace Parley.Tests.Output;

public sealed class TextTableTests
{
    [Fact]
    public void Columns_are_as_wide_as_their_widest_cell_and_empty_cells_show()
    {
        var table = TextTable.Of(["ID", "OWNER"], [["t_1", "ann"], ["t_long", ""]]);

        Assert.Equal("ID      OWNER\nt_1     ann\nt_long  -\n", table);
    }

    [Fact]
    public void A_cell_is_one_line_whatever_stands_in_it()
    {
        var table = TextTable.Of(["NAME", "ID"], [["a\r\nsignature  verified\u2028b", "1"]]);

        Assert.Equal(["NAME                     ID", "a signature  verified b  1", ""], table.Split('\n'));
    }

    [Fact]
    public void A_cell_that_would_drive_the_terminal_is_made_safe()
    {
        var table = TextTable.Of(["NAME"], [["a\u001b[2Jb"]]);

        Assert.DoesNotContain('\u001b', table);
    }
}
